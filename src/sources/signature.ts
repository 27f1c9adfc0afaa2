/** What every signature scheme needs: an HMAC over the received bytes, a timestamp check, and the form of a claim. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Refused, refuse } from './refusal.ts';

/** What the headers of a request claim in one scheme: well formed, recent, and signed with a kind of key that the source has. */
export interface Claim {
  readonly ok: true;
  /** The scheme's name, as the journal and the dashboard show it. */
  readonly scheme: string;
  /** The sender's, where the signature covers it. The same over all retries. */
  readonly messageId: string | null;
  /** What no signature covers: believed only as far as a lie does no harm. */
  readonly unsigned?: UnsignedHeaders;
  /** ms since the epoch, as was signed; null where no time is. */
  readonly signedAt: number | null;
  /** Which of the source's secrets signed this body, from 1; else why none did. */
  signer(body: Buffer): number | Refused;
}

export interface UnsignedHeaders {
  /** The same over all retries of an honest sender; anyone who has the body can send it again under another. */
  readonly messageId: string | null;
  /** What the sender calls the event. */
  readonly eventName: string | null;
}

/** Reads what the headers claim as of `nowMs` (ms since the epoch). Null where they hold no signature of this scheme. */
export type Scheme = (headers: IncomingHttpHeaders, nowMs: number) => Claim | Refused | null;

export const MAC_BYTES = 32;

/** Made once a secret: that is cheaper than passing the bytes each time, and keeps them out of reach of a print. */
export function macKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes);
}

/** The HMAC-SHA256 of `prefix` followed by `body`. */
export function mac(key: KeyObject, prefix: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest();
}

/** In constant time for equal lengths; false for others. */
export function sameMac(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

/** How old, or how far ahead, a signed timestamp may be. All senders that sign one document five minutes. */
const TOLERANCE_S = 300;

/**
 * Digits and nothing else. Stricter than `parseInt`, which the libraries use: what they read out of `" 161"`, `"161x"`
 * or `"0161"` is not what was sent.
 */
const SECONDS = /^(?:0|[1-9]\d{0,11})$/;

/** The timestamp header, if it is well formed and recent as of `nowMs` (ms since the epoch). */
export function checkTimestamp(header: string | readonly string[] | undefined, nowMs: number): Refused | string {
  if (header === undefined || header === '') return refuse('timestamp-missing');
  if (typeof header !== 'string' || !SECONDS.test(header)) return refuse('timestamp-malformed');
  const ageS = Math.floor(nowMs / 1000) - Number(header);
  if (ageS > TOLERANCE_S) return refuse('timestamp-stale', `It is ${ageS} seconds old.`);
  if (ageS < -TOLERANCE_S) return refuse('timestamp-future', `It is ${-ageS} seconds ahead.`);
  return header;
}
