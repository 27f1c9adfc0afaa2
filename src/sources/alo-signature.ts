/**
 * ALO's own scheme: HMAC-SHA256 over `v0:timestamp:body`, with the secret's text as the key. How the signature is
 * written is not documented, so hex (with `v0=` or without) and base64 are taken.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Claim } from './claim.ts';
import { mac, sameMac } from './mac.ts';
import { type Refused, refuse } from './refusal.ts';
import type { SecretKey } from './secrets.ts';
import { checkTimestamp } from './timestamp.ts';

const HEX = /^(?:v0=)?([0-9a-f]{64})$/i;
const BASE64 = /^(?:v0=)?([A-Za-z0-9+/_-]{43}=?)$/;

/** What the headers claim, as of `nowMs`. There is no message id: only the timestamp is signed. Null without a signature. */
export function aloClaim(
  headers: IncomingHttpHeaders,
  keys: readonly SecretKey[],
  nowMs: number,
): Claim | Refused | null {
  const signature = headers['x-alo-signature'];
  if (signature === undefined) return null;
  if (signature === '') return refuse('signature-missing');
  const timestamp = checkTimestamp(headers['x-alo-request-timestamp'], nowMs);
  if (typeof timestamp !== 'string') return timestamp;
  const given = typeof signature === 'string' ? decoded(signature) : null;
  if (given === null) return refuse('signature-malformed', 'v0=<hex>, hex or base64 of an HMAC-SHA256 is needed.');
  if (keys.length === 0) return refuse('scheme-unconfigured', "X-ALO-Signature needs ALO's signing secret.");
  const signer = (body: Buffer) =>
    keys.find(({ key }) => sameMac(given, mac(key, `v0:${timestamp}:`, body)))?.secret ?? refuse('signature-mismatch');
  return { ok: true, scheme: 'alo-v0', messageId: null, timestamp, signer };
}

function decoded(signature: string): Buffer | null {
  const hex = HEX.exec(signature)?.[1];
  if (hex !== undefined) return Buffer.from(hex, 'hex');
  const base64 = BASE64.exec(signature)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}
