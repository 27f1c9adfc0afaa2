/**
 * ALO's own scheme: HMAC-SHA256 over `v0:timestamp:body`, with the secret's text as the key. How the signature is
 * written is not documented, so hex (with `v0=` or without) and base64 are taken.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { mac, sameMac } from './mac.ts';
import { type Refused, refuse } from './refusal.ts';
import type { RawRequest } from './request.ts';
import type { SecretKey } from './secrets.ts';
import { checkTimestamp } from './timestamp.ts';

const HEX = /^(?:v0=)?([0-9a-f]{64})$/i;
const BASE64 = /^(?:v0=)?([A-Za-z0-9+/_-]{43}=?)$/;

export function hasAloSignature(headers: IncomingHttpHeaders): boolean {
  return headers['x-alo-signature'] !== undefined;
}

/** Whether the signature is by one of the keys. There is no message id: no header but the timestamp is signed. */
export function checkAlo(
  { headers, body }: RawRequest,
  keys: readonly SecretKey[],
  nowMs: number,
): Refused | { readonly ok: true; readonly messageId: null; readonly secret: number } {
  const signature = headers['x-alo-signature'];
  const timestamp = headers['x-alo-request-timestamp'];
  if (signature === undefined || signature === '') return refuse('signature-missing');
  const untimely = checkTimestamp(timestamp, nowMs);
  if (untimely !== null) return untimely;
  const given = typeof signature === 'string' ? decoded(signature) : null;
  if (given === null) return refuse('signature-malformed', 'v0=<hex>, hex or base64 of an HMAC-SHA256 is needed.');
  for (const { key, secret } of keys) {
    if (sameMac(given, mac(key, `v0:${timestamp}:`, body))) return { ok: true, messageId: null, secret };
  }
  return refuse('signature-mismatch');
}

function decoded(signature: string): Buffer | null {
  const hex = HEX.exec(signature)?.[1];
  if (hex !== undefined) return Buffer.from(hex, 'hex');
  const base64 = BASE64.exec(signature)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}
