/**
 * ALO's own scheme: HMAC-SHA256 over `v0:timestamp:body`, with the secret's text as the key. How the signature is
 * written is not documented, so hex (with `v0=` or without) and base64 are taken.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { mac, sameMac } from './mac.ts';
import { type Refused, refuse } from './refusal.ts';
import type { SecretKey } from './secrets.ts';
import { checkTimestamp } from './timestamp.ts';

const HEX = /^(?:v0=)?([0-9a-f]{64})$/i;
const BASE64 = /^(?:v0=)?([A-Za-z0-9+/_-]{43}=?)$/;

/** The signed headers, well formed and recent. There is no message id: only the timestamp is signed. */
export interface AloHeaders {
  readonly ok: true;
  /** Seconds since the epoch, as the sender wrote them. */
  readonly timestamp: string;
  readonly signature: Buffer;
}

/** What the headers alone allow to be said, as of `nowMs`. Null where the request is not signed by this scheme. */
export function aloHeaders(headers: IncomingHttpHeaders, nowMs: number): Refused | AloHeaders | null {
  const signature = headers['x-alo-signature'];
  if (signature === undefined) return null;
  if (signature === '') return refuse('signature-missing');
  const timestamp = checkTimestamp(headers['x-alo-request-timestamp'], nowMs);
  if (typeof timestamp !== 'string') return timestamp;
  const given = typeof signature === 'string' ? decoded(signature) : null;
  if (given === null) return refuse('signature-malformed', 'v0=<hex>, hex or base64 of an HMAC-SHA256 is needed.');
  return { ok: true, timestamp, signature: given };
}

/** Which secret the signature is by; null: none. */
export function aloSecret(
  { timestamp, signature }: AloHeaders,
  body: Buffer,
  keys: readonly SecretKey[],
): number | null {
  const signer = keys.find(({ key }) => sameMac(signature, mac(key, `v0:${timestamp}:`, body)));
  return signer?.secret ?? null;
}

function decoded(signature: string): Buffer | null {
  const hex = HEX.exec(signature)?.[1];
  if (hex !== undefined) return Buffer.from(hex, 'hex');
  const base64 = BASE64.exec(signature)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}
