/** HMAC-SHA256 over the bytes that were received. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

export const MAC_BYTES = 32;

/** Made once a secret: that is cheaper than passing the bytes each time, and keeps them out of reach of a print. */
export function macKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes);
}

/** The MAC of `prefix` followed by `body`. */
export function mac(key: KeyObject, prefix: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest();
}

/** In constant time for equal lengths; false for others. */
export function sameMac(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
