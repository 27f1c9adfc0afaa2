/** The Standard Webhooks scheme: a signature over `id.timestamp.body`. Source: standardwebhooks.com, specification. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Claim } from './claim.ts';
import { MAC_BYTES } from './mac.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Signed, StandardKey } from './standard-keys.ts';
import { checkTimestamp } from './timestamp.ts';

interface HeaderNames {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

export const WEBHOOK: HeaderNames = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
};

/** Svix sends the same values under its own name. */
export const SVIX: HeaderNames = { id: 'svix-id', timestamp: 'svix-timestamp', signature: 'svix-signature' };

/** Visible ASCII. A header sent twice arrives joined by a comma and a space, and fails here. */
const MESSAGE_ID = /^[\x21-\x7e]{1,256}$/;

const V1 = /^v1,([A-Za-z0-9+/]{43}=?)$/;
const V1A = /^v1a,([A-Za-z0-9+/]{86}(?:==)?)$/;
const ED25519_BYTES = 64;

/** A sender has two while it rotates; every further one is only work. */
const MOST_V1 = 16;
/** Each of these is checked on its own, at twenty times the cost. */
const MOST_V1A = 4;

/** What the headers of these names claim, as of `nowMs`. Null where there is no such signature. */
export function standardClaim(
  headers: IncomingHttpHeaders,
  names: HeaderNames,
  { keys, nowMs }: { readonly keys: readonly StandardKey[]; readonly nowMs: number },
): Claim | Refused | null {
  const signature = headers[names.signature];
  if (signature === undefined) return null;
  const messageId = headers[names.id];
  if (signature === '') return refuse('signature-missing');
  if (messageId === undefined || messageId === '') return refuse('message-id-missing');
  if (typeof messageId !== 'string' || !MESSAGE_ID.test(messageId)) return refuse('message-id-malformed');
  const timestamp = checkTimestamp(headers[names.timestamp], nowMs);
  if (typeof timestamp !== 'string') return timestamp;
  const { v1, v1a } = signaturesIn(signature);
  if (v1.length + v1a.length === 0) return refuse('signature-malformed', 'v1,<base64> or v1a,<base64> is needed.');
  if (!keys.some(({ version }) => (version === 'v1' ? v1 : v1a).length > 0)) {
    return refuse(
      'scheme-unconfigured',
      v1.length > 0 ? 'v1 needs a secret (whsec_…).' : 'v1a needs a public key (whpk_…).',
    );
  }
  const signed = { messageId, timestamp, v1: v1.join(' '), v1a };
  return {
    ok: true,
    scheme: 'standard-webhooks',
    messageId,
    timestamp,
    signer: (body) => signerOf(signed, body, keys),
  };
}

function signerOf(signed: Signed, body: Buffer, keys: readonly StandardKey[]): number | Refused {
  const signer = keys.find((key) => key.verifies(signed, body));
  if (signer !== undefined) return signer.secret;
  // The library reads the system's clock: in the meantime, the timestamp may have become too old.
  const timestamp = checkTimestamp(signed.timestamp, Date.now());
  return typeof timestamp === 'string' ? refuse('signature-mismatch') : timestamp;
}

/** The well-formed signatures of the space-delimited list. Other versions are passed over. */
function signaturesIn(header: string | readonly string[]): { v1: string[]; v1a: Buffer[] } {
  const v1: string[] = [];
  const v1a: Buffer[] = [];
  if (typeof header !== 'string' || header.includes(', ')) return { v1, v1a };
  for (const token of header.split(' ')) {
    const mac = decoded(V1, token, MAC_BYTES);
    // Written as the library writes it: it compares texts.
    if (mac !== null && v1.length < MOST_V1) v1.push(`v1,${mac.toString('base64')}`);
    const signature = decoded(V1A, token, ED25519_BYTES);
    if (signature !== null && v1a.length < MOST_V1A) v1a.push(signature);
  }
  return { v1, v1a };
}

function decoded(form: RegExp, token: string, length: number): Buffer | null {
  const encoded = form.exec(token)?.[1];
  if (encoded === undefined) return null;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length === length ? bytes : null;
}
