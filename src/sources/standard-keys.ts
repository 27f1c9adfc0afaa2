/**
 * What a Standard Webhooks signature is checked with: a shared secret (`v1`, HMAC-SHA256) or the sender's public key
 * (`v1a`, ed25519). Both sign `id.timestamp.body`.
 */
import { createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { MAC_BYTES, mac, macKey } from './mac.ts';

/** The signed headers of a request, and the signatures that are well formed. */
export interface Signed {
  readonly messageId: string;
  /** Seconds since the epoch, as the sender wrote them. */
  readonly timestamp: string;
  /** `v1,<base64>`, space-delimited; empty without one. */
  readonly v1: string;
  readonly v1a: readonly Buffer[];
}

export interface StandardKey {
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

export function sharedKey(bytes: Uint8Array, secret: number): StandardKey {
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
export function publicKey(bytes: Uint8Array, secret: number): StandardKey {
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
