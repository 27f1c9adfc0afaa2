/** The Standard Webhooks scheme: HMAC-SHA256 over `id.timestamp.body`. Source: standardwebhooks.com, specification. */

import type { IncomingHttpHeaders } from 'node:http';
import { MAC_BYTES, mac, sameMac } from './mac.ts';
import { type Refused, refuse } from './refusal.ts';
import type { RawRequest } from './request.ts';
import type { SecretKey } from './secrets.ts';
import { checkTimestamp } from './timestamp.ts';

/** Visible ASCII. A header sent twice arrives joined by a comma and a space, and fails here. */
const MESSAGE_ID = /^[\x21-\x7e]{1,256}$/;

const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=?)$/;

/** A sender has two while it rotates; every further one is only work. */
const MOST_SIGNATURES = 16;

export function hasStandardSignature(headers: IncomingHttpHeaders): boolean {
  return headers['webhook-signature'] !== undefined;
}

/** Whether one of the `v1` signatures is by one of the keys; if so, the message id, which is signed too, and which secret it is. */
export function checkStandard(
  { headers, body }: RawRequest,
  keys: readonly SecretKey[],
  nowMs: number,
): Refused | { readonly ok: true; readonly messageId: string; readonly secret: number } {
  const signature = headers['webhook-signature'];
  const messageId = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (signature === undefined || signature === '') return refuse('signature-missing');
  if (messageId === undefined || messageId === '') return refuse('message-id-missing');
  if (typeof messageId !== 'string' || !MESSAGE_ID.test(messageId)) return refuse('message-id-malformed');
  const untimely = checkTimestamp(timestamp, nowMs);
  if (untimely !== null) return untimely;
  const candidates = signaturesIn(signature);
  if (candidates.length === 0) return refuse('signature-malformed', 'A v1 signature is needed: v1,<base64>.');
  if (keys.length === 0) return refuse('scheme-unconfigured');
  for (const { key, secret } of keys) {
    const expected = mac(key, `${messageId}.${timestamp}.`, body);
    if (candidates.some((candidate) => sameMac(candidate, expected))) return { ok: true, messageId, secret };
  }
  return refuse('signature-mismatch');
}

/** The decoded `v1` signatures of the space-delimited list. Other versions are not ours to check, and are passed over. */
function signaturesIn(header: string | readonly string[]): Buffer[] {
  if (typeof header !== 'string' || header.includes(', ')) return [];
  const found: Buffer[] = [];
  for (const token of header.split(' ')) {
    const encoded = SIGNATURE.exec(token)?.[1];
    if (encoded === undefined) continue;
    const bytes = Buffer.from(encoded, 'base64');
    if (bytes.length === MAC_BYTES && found.push(bytes) === MOST_SIGNATURES) break;
  }
  return found;
}
