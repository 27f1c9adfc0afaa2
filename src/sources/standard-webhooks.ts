/** The Standard Webhooks scheme: HMAC-SHA256 over `id.timestamp.body`. Source: standardwebhooks.com, specification. */

import type { IncomingHttpHeaders } from 'node:http';
import { MAC_BYTES, mac, sameMac } from './mac.ts';
import { type Refused, refuse } from './refusal.ts';
import type { SecretKey } from './secrets.ts';
import { checkTimestamp } from './timestamp.ts';

/** Visible ASCII. A header sent twice arrives joined by a comma and a space, and fails here. */
const MESSAGE_ID = /^[\x21-\x7e]{1,256}$/;

const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=?)$/;

/** A sender has two while it rotates; every further one is only work. */
const MOST_SIGNATURES = 16;

/** The signed headers, well formed and recent. */
export interface StandardHeaders {
  readonly ok: true;
  readonly messageId: string;
  /** Seconds since the epoch, as the sender wrote them. */
  readonly timestamp: string;
  readonly signatures: readonly Buffer[];
}

/** What the headers alone allow to be said, as of `nowMs`. Null where the request is not signed by this scheme. */
export function standardHeaders(
  headers: IncomingHttpHeaders,
  keys: readonly SecretKey[],
  nowMs: number,
): Refused | StandardHeaders | null {
  const signature = headers['webhook-signature'];
  const messageId = headers['webhook-id'];
  if (signature === undefined) return null;
  if (signature === '') return refuse('signature-missing');
  if (messageId === undefined || messageId === '') return refuse('message-id-missing');
  if (typeof messageId !== 'string' || !MESSAGE_ID.test(messageId)) return refuse('message-id-malformed');
  const timestamp = checkTimestamp(headers['webhook-timestamp'], nowMs);
  if (typeof timestamp !== 'string') return timestamp;
  const signatures = signaturesIn(signature);
  if (signatures.length === 0) return refuse('signature-malformed', 'A v1 signature is needed: v1,<base64>.');
  if (keys.length === 0) return refuse('scheme-unconfigured');
  return { ok: true, messageId, timestamp, signatures };
}

/** Which secret one of the signatures is by; null: none. */
export function standardSecret(
  { messageId, timestamp, signatures }: StandardHeaders,
  body: Buffer,
  keys: readonly SecretKey[],
): number | null {
  for (const { key, secret } of keys) {
    const expected = mac(key, `${messageId}.${timestamp}.`, body);
    if (signatures.some((signature) => sameMac(signature, expected))) return secret;
  }
  return null;
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
