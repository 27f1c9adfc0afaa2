/**
 * HMAC-SHA256 over the bytes that were received.
 *
 * `standardwebhooks` computes the same MAC in JavaScript, over the body decoded to text and encoded again: 4.5 times
 * slower at 1 kB, 9 times at 256 kB, and another MAC for a body that is not UTF-8. So requests are checked here, and the
 * library is what `sign` uses and what the tests hold this against.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

export const MAC_BYTES = 32;

/** Made once a secret: that is cheaper than passing the bytes each time, and keeps them out of reach of a print. */
export function macKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes);
}

/** The MAC of `prefix` followed by `body`. */
export function mac(key: KeyObject, prefix: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest();
}

/** In constant time for equal lengths; false for others. */
export function sameMac(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
