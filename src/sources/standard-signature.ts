/**
 * Verifies and signs by Standard Webhooks: `id.timestamp.body`, signed with a shared secret (`v1`, HMAC-SHA256) or by the
 * sender's private key (`v1a`, ed25519). Source: standardwebhooks.com, specification.
 */
import { createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { type Refused, refuse } from './refusal.ts';
import { type Claim, checkTimestamp, MAC_BYTES, mac, macKey, type Scheme } from './signature.ts';
import type { OutgoingMessage } from './source-type.ts';
import { isPublicKey, publicKeyBytes, sharedKeyBytes } from './standard-secret.ts';

/** The signed headers of a request, and the signatures that are well formed. */
interface Signed {
  readonly messageId: string;
  /** Seconds since the epoch, as the sender wrote them. */
  readonly timestamp: string;
  /** `v1,<base64>`, space-delimited; empty without one. */
  readonly v1: string;
  readonly v1a: readonly Buffer[];
}

interface StandardKey {
  readonly version: 'v1' | 'v1a';
  /** Which of the source's secrets it is of, from 1. */
  readonly secret: number;
  /** Whether one of the signatures is by this key. */
  verifies(signed: Signed, body: Buffer): boolean;
}

/**
 * The library's verification with the MAC by `node:crypto` over the bytes. The library's own decodes the body to text,
 * in which bytes that are not UTF-8 are lost, and hashes in JavaScript.
 *
 * `verify` reads the system's clock, whatever time the caller works with.
 */
export class ByteWebhook extends Webhook {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    // The library keeps its key where a print shows it. `sign` is all that uses it there: a random one verifies nothing.
    super(randomBytes(MAC_BYTES), { format: 'raw' });
    this.#key = macKey(key);
  }

  override sign(messageId: string, timestamp: Date, body: string | Buffer): string {
    const seconds = Math.floor(timestamp.getTime() / 1000);
    return `v1,${mac(this.#key, `${messageId}.${seconds}.`, body).toString('base64')}`;
  }
}

function sharedKey(bytes: Uint8Array, secret: number): StandardKey {
  const webhook = new ByteWebhook(bytes);
  return {
    version: 'v1',
    secret,
    verifies({ messageId, timestamp, v1 }, body) {
      if (v1 === '') return false;
      const headers = { 'webhook-id': messageId, 'webhook-timestamp': timestamp, 'webhook-signature': v1 };
      try {
        webhook.verify(body, headers, { jsonParse: false });
        return true;
      } catch (error) {
        if (error instanceof WebhookVerificationError) return false;
        throw error;
      }
    },
  };
}

/** `bytes`: the 32 bytes of an ed25519 public key. */
function publicKey(bytes: Uint8Array, secret: number): StandardKey {
  const x = Buffer.from(bytes).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return {
    version: 'v1a',
    secret,
    verifies({ messageId, timestamp, v1a }, body) {
      if (v1a.length === 0) return false;
      const text = Buffer.concat([Buffer.from(`${messageId}.${timestamp}.`), body]);
      return v1a.some((signature) => verify(null, text, key, signature));
    },
  };
}

interface HeaderNames {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

const WEBHOOK: HeaderNames = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
};

/** Svix sends the same values under its own name. */
const SVIX: HeaderNames = { id: 'svix-id', timestamp: 'svix-timestamp', signature: 'svix-signature' };

export const STANDARD_HEADERS_NEEDED =
  'This source needs webhook-signature with webhook-id and webhook-timestamp, or the same as svix-….';

/** Visible ASCII. A header sent twice arrives joined by a comma and a space, and fails here. */
const MESSAGE_ID = /^[\x21-\x7e]{1,256}$/;

const V1 = /^v1,([A-Za-z0-9+/]{43}=?)$/;
const V1A = /^v1a,([A-Za-z0-9+/]{86}(?:==)?)$/;
const ED25519_BYTES = 64;

/** A sender has two while it rotates; every further one is only work. */
const MOST_V1 = 16;
/** Each of these is checked on its own, at twenty times the cost. */
const MOST_V1A = 4;

/**
 * Verifies with those secrets that are not null; they are numbered with the others. Where a gateway passes on what it got,
 * the gateway's own signature comes first: a retry by the gateway leaves the sender's timestamp behind, and must not change
 * the message id. So Svix's headers go before those that a sender may have put there.
 */
export function standardSchemes(secrets: readonly (string | null)[]): readonly Scheme[] {
  const keys = secrets.flatMap((secret, index) => (secret === null ? [] : [keyOf(secret, index + 1)]));
  return [SVIX, WEBHOOK].map(
    (names): Scheme =>
      (headers, nowMs) =>
        claimIn(headers, names, { keys, nowMs }),
  );
}

function keyOf(secret: string, number: number): StandardKey {
  return isPublicKey(secret) ? publicKey(publicKeyBytes(secret), number) : sharedKey(sharedKeyBytes(secret), number);
}

export function signStandard({ secret, body, messageId, nowMs }: OutgoingMessage): Record<string, string> {
  return {
    'content-type': 'application/json',
    [WEBHOOK.id]: messageId,
    [WEBHOOK.timestamp]: String(Math.floor(nowMs / 1000)),
    [WEBHOOK.signature]: new ByteWebhook(sharedKeyBytes(secret)).sign(messageId, new Date(nowMs), body),
  };
}

function claimIn(
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
    signedAt: Number(timestamp) * 1000,
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
