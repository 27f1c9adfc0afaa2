/** Reads the secrets of Standard Webhooks as people paste them: `whsec_` + base64, or the sender's public key, `whpk_` + base64. */

const PREFIX = 'whsec_';
const PUBLIC_PREFIX = 'whpk_';
const PRIVATE_PREFIX = 'whsk_';
const PUBLIC_KEY_BYTES = 32;

/** The least that Standard Webhooks allows. Below it a key can be guessed; the empty one anyone knows. */
const LEAST_KEY_BYTES = 24;

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** White space around it and the version that some dashboards show in front of it are not part of a secret. */
export function trimmed(secret: string): string {
  return secret.trim().replace(/^v1a?,(?=wh(?:sec|pk)_)/, '');
}

/** Whether it says itself that it is a secret of Standard Webhooks. */
export function hasStandardPrefix(secret: string): boolean {
  const text = trimmed(secret);
  return text.startsWith(PREFIX) || text.startsWith(PUBLIC_PREFIX);
}

/** A public key verifies, and signs nothing. */
export function isPublicKey(secret: string): boolean {
  return trimmed(secret).startsWith(PUBLIC_PREFIX);
}

/** What is wrong with any secret that is pasted wrong, whatever scheme it is for. */
export function pasteFault(secret: string): string | null {
  const text = trimmed(secret);
  if (text === '') return 'The secret is empty. Paste the signing secret that the sender shows for this address.';
  if (/\s/.test(text)) return 'The secret holds white space. Paste one secret, on one line; several are a list.';
  if (!text.startsWith(PRIVATE_PREFIX)) return null;
  return `${PRIVATE_PREFIX} marks the sender's private key. Paste its public key instead (${PUBLIC_PREFIX}…).`;
}

export function standardSecretFault(secret: string): string | null {
  const fault = pasteFault(secret);
  if (fault !== null) return fault;
  const text = trimmed(secret);
  return text.startsWith(PUBLIC_PREFIX) ? publicFault(text.slice(PUBLIC_PREFIX.length)) : sharedFault(text);
}

function publicFault(encoded: string): string | null {
  const valid = BASE64.test(encoded) && Buffer.from(encoded, 'base64').length === PUBLIC_KEY_BYTES;
  return valid
    ? null
    : `The public key is not ${PUBLIC_PREFIX} followed by base64 of ${PUBLIC_KEY_BYTES} bytes. Copy it again from the sender; it may have been cut.`;
}

function sharedFault(text: string): string | null {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  if (encoded === '') return `The secret ends after ${PREFIX}. Copy the whole of it from the sender.`;
  if (!BASE64.test(encoded) || encoded.replace(/=+$/, '').length % 4 === 1) {
    return `The secret is not ${PREFIX} followed by base64. Copy it again from the sender; it may have been cut.`;
  }
  const length = sharedKeyBytes(text).length;
  if (length >= LEAST_KEY_BYTES) return null;
  return `The secret is too short: ${length} bytes where at least ${LEAST_KEY_BYTES} are needed. Copy it again from the sender; it may have been cut.`;
}

/** The key bytes of a shared secret without fault. */
export function sharedKeyBytes(secret: string): Buffer {
  const text = trimmed(secret);
  return Buffer.from(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text, 'base64');
}

export function publicKeyBytes(secret: string): Buffer {
  return Buffer.from(trimmed(secret).slice(PUBLIC_PREFIX.length), 'base64');
}
