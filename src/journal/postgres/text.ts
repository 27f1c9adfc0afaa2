/**
 * Text as Postgres can keep it. U+0000 is kept as U+FDD0, which Unicode sets aside for uses within a program; what an
 * event holds is not concerned, since JSON escapes it. Half a surrogate pair is kept as U+FFFD, as in SQLite.
 */
import { createHash } from 'node:crypto';

const NUL = '\u0000';
const STAND_IN = '\ufdd0';

export function keptText(text: string): string {
  return (text.includes(NUL) ? text.replaceAll(NUL, STAND_IN) : text).toWellFormed();
}

export function givenText(text: string): string {
  return text.includes(STAND_IN) ? text.replaceAll(STAND_IN, NUL) : text;
}

/** An entry of an index takes 2,700 bytes at most, of all its columns together. */
const LONGEST_KEY_BYTES = 700;
const PREFIX_BYTES = 600;

/** What things are found by. What is longer is cut, and told apart by its hash; so it stays when it comes again. */
export function keyText(text: string): string {
  const kept = keptText(text);
  if (kept.length * 3 <= LONGEST_KEY_BYTES || Buffer.byteLength(kept) <= LONGEST_KEY_BYTES) return kept;
  const prefix = Buffer.from(kept).subarray(0, PREFIX_BYTES).toString();
  return `${prefix}#${createHash('sha256').update(kept).digest('base64url')}`;
}
