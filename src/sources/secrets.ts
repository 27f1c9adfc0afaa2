/**
 * Secrets as people paste them, and the keys they stand for.
 *
 * ALO signs with the text of its secret as it is written; Standard Webhooks with the bytes that `whsec_` + base64 stands
 * for, or with a private key whose public key is `whpk_` + base64. In an `alo` source a `whsec_` secret serves both
 * schemes, since a gateway may sign in ALO's place.
 */
import type { KeyObject } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { macKey } from './mac.ts';
import { publicKey, type StandardKey, sharedKey } from './standard-keys.ts';

export const SOURCE_TYPES = ['alo', 'allo', 'standard-webhooks'] as const;

export type SourceType = (typeof SOURCE_TYPES)[number];

export interface Keys {
  /** ALO's own scheme. */
  readonly v0: readonly SecretKey[];
  readonly standard: readonly StandardKey[];
  /** How many secrets they are of. */
  readonly secrets: number;
}

export interface SecretKey {
  readonly key: KeyObject;
  /** Which of the source's secrets it is of, from 1. */
  readonly secret: number;
}

const PREFIX = 'whsec_';
const PUBLIC_PREFIX = 'whpk_';
const PRIVATE_PREFIX = 'whsk_';
const PUBLIC_KEY_BYTES = 32;

/** The least that Standard Webhooks allows. Below it a key can be guessed; the empty one anyone knows. */
const LEAST_KEY_BYTES = 24;

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** White space around it and the version that some dashboards show in front of it are not part of a secret. */
function trimmed(value: string): string {
  return value.trim().replace(/^v1a?,(?=wh(?:sec|pk)_)/, '');
}

function isStandard(type: SourceType, text: string): boolean {
  return type !== 'alo' || text.startsWith(PREFIX) || text.startsWith(PUBLIC_PREFIX);
}

/** A public key verifies, and signs nothing. */
export function canSign(value: string): boolean {
  return !trimmed(value).startsWith(PUBLIC_PREFIX);
}

/** Why a secret cannot be used, and what to do; null when it can. Never repeats any of it. */
export function checkSecret(type: SourceType, value: string): string | null {
  const text = trimmed(value);
  if (text === '') return 'The secret is empty. Paste the signing secret that the sender shows for this address.';
  if (/\s/.test(text)) return 'The secret holds white space. Paste one secret, on one line; several are a list.';
  if (text.startsWith(PRIVATE_PREFIX)) {
    return `${PRIVATE_PREFIX} marks the sender's private key. Paste its public key instead (${PUBLIC_PREFIX}…).`;
  }
  if (text.startsWith(PUBLIC_PREFIX)) return checkPublic(text.slice(PUBLIC_PREFIX.length));
  // ALO makes its secrets and does not say how long they are.
  return isStandard(type, text) ? checkStandard(text) : null;
}

function checkPublic(encoded: string): string | null {
  const valid = BASE64.test(encoded) && Buffer.from(encoded, 'base64').length === PUBLIC_KEY_BYTES;
  return valid
    ? null
    : `The public key is not ${PUBLIC_PREFIX} followed by base64 of ${PUBLIC_KEY_BYTES} bytes. Copy it again from the sender; it may have been cut.`;
}

function checkStandard(text: string): string | null {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  if (encoded === '') return `The secret ends after ${PREFIX}. Copy the whole of it from the sender.`;
  if (!BASE64.test(encoded) || encoded.replace(/=+$/, '').length % 4 === 1) {
    return `The secret is not ${PREFIX} followed by base64. Copy it again from the sender; it may have been cut.`;
  }
  const length = standardBytes(text).length;
  if (length >= LEAST_KEY_BYTES) return null;
  return `The secret is too short: ${length} bytes where at least ${LEAST_KEY_BYTES} are needed. Copy it again from the sender; it may have been cut.`;
}

/** The key bytes of a secret that `checkSecret` found good. */
export function standardBytes(value: string): Buffer {
  const text = trimmed(value);
  return Buffer.from(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text, 'base64');
}

/** The key bytes of ALO's scheme. */
export function textBytes(value: string): Buffer {
  return Buffer.from(trimmed(value), 'utf8');
}

/** The keys of a source's secrets. Throws an error that names the secret by its number. */
export function keysOf(name: string, type: SourceType, secrets: readonly Secret[]): Keys {
  if (secrets.length === 0) throw new Error(`Source "${name}" has no secret. Give it the sender's signing secret.`);
  secrets.forEach((secret, index) => {
    const fault = checkSecret(type, secret.reveal());
    if (fault !== null) throw new Error(`Secret ${index + 1} of source "${name}" cannot be used. ${fault}`);
  });
  const values = secrets.map((secret, index) => ({ value: secret.reveal(), secret: index + 1 }));
  const standard = values.filter(({ value }) => isStandard(type, trimmed(value)));
  // A public key is no shared secret: whoever knows it could sign.
  const shared = type === 'alo' ? values.filter(({ value }) => canSign(value)) : [];
  return {
    v0: shared.map(({ value, secret }) => ({ key: macKey(textBytes(value)), secret })),
    standard: standard.map(({ value, secret }) =>
      canSign(value) ? sharedKey(standardBytes(value), secret) : publicKey(publicBytes(value), secret),
    ),
    secrets: secrets.length,
  };
}

function publicBytes(value: string): Buffer {
  return Buffer.from(trimmed(value).slice(PUBLIC_PREFIX.length), 'base64');
}
