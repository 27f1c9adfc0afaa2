/**
 * Secrets as people paste them, and the keys they stand for.
 *
 * ALO signs with the text of its secret as it is written; Standard Webhooks with the bytes that `whsec_` + base64 stands
 * for. In an `alo` source a `whsec_` secret serves both, since a gateway may sign in ALO's place.
 */
import type { KeyObject } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { macKey } from './mac.ts';

export const SOURCE_TYPES = ['alo', 'allo', 'standard-webhooks'] as const;

export type SourceType = (typeof SOURCE_TYPES)[number];

export interface Keys {
  /** ALO's own scheme. */
  readonly v0: readonly SecretKey[];
  readonly standard: readonly SecretKey[];
  /** How many secrets they are of. */
  readonly secrets: number;
}

export interface SecretKey {
  readonly key: KeyObject;
  /** Which of the source's secrets it is of, from 1. */
  readonly secret: number;
}

const PREFIX = 'whsec_';

/** The least that Standard Webhooks allows. Below it a key can be guessed; the empty one anyone knows. */
const LEAST_KEY_BYTES = 24;

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** White space around it and the `v1,` that some dashboards show in front of it are not part of a secret. */
function trimmed(value: string): string {
  const text = value.trim();
  return text.startsWith(`v1,${PREFIX}`) ? text.slice(3) : text;
}

function isStandard(type: SourceType, text: string): boolean {
  return type !== 'alo' || text.startsWith(PREFIX);
}

/** Why a secret cannot be used, and what to do; null when it can. Never repeats any of it. */
export function checkSecret(type: SourceType, value: string): string | null {
  const text = trimmed(value);
  if (text === '') return 'The secret is empty. Paste the signing secret that the sender shows for this address.';
  if (/\s/.test(text)) return 'The secret holds white space. Paste one secret, on one line; several are a list.';
  // ALO makes its secrets and does not say how long they are.
  return isStandard(type, text) ? checkStandard(text) : null;
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
  return {
    v0: type === 'alo' ? values.map(({ value, secret }) => ({ key: macKey(textBytes(value)), secret })) : [],
    standard: standard.map(({ value, secret }) => ({ key: macKey(standardBytes(value)), secret })),
    secrets: secrets.length,
  };
}
