/**
 * From whatever stands in a payload to what an event holds. Each of these returns null for what it cannot use, so that the
 * next candidate gets its turn.
 */
import { createHash } from 'node:crypto';

export type Coerce<T> = (value: unknown) => T | null;

export type PlainObject = Readonly<Record<string, unknown>>;

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key that the payload itself holds; never one that every object inherits. */
export function own(object: PlainObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A string that is not blank, without U+0000 (which databases refuse); a number in digits. */
export const text: Coerce<string> = (value) => {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') return null;
  const clean = value.includes('\0') ? value.replaceAll('\0', '') : value;
  return clean.trim() === '' ? null : clean;
};

const LONGEST_KEY = 200;
const DIGEST_LENGTH = 32;
const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}/gu;

/**
 * What identifies: one line, at most 200 characters. A longer one ends in a digest of the whole, so that two that
 * begin alike stay two.
 */
export const key: Coerce<string> = (value) => {
  const found = text(value);
  if (found === null) return null;
  const clean = (CONTROL.test(found) ? found.replace(CONTROLS, '') : found).trim().toWellFormed();
  if (clean.length <= LONGEST_KEY) return clean === '' ? null : clean;
  const digest = createHash('sha256').update(clean).digest('hex').slice(0, DIGEST_LENGTH);
  return `${clean.slice(0, LONGEST_KEY - DIGEST_LENGTH - 1).toWellFormed()}~${digest}`;
};

const LABELS = ['name', 'label', 'title', 'value', 'to', 'new'] as const;

/** Text, or an object that carries its text: `{"name": "High"}`, `{"from": "Open", "to": "Done"}`. */
export const label: Coerce<string> = (value) => (isPlainObject(value) ? firstOf(value, LABELS, text) : text(value));

/** What the first of the keys that the object itself holds, and `coerce` can use, holds. */
export function firstOf<T>(object: PlainObject, keys: readonly string[], coerce: Coerce<T>): T | null {
  for (const name of keys) {
    if (!Object.hasOwn(object, name)) continue;
    const found = coerce(object[name]);
    if (found !== null) return found;
  }
  return null;
}
