/**
 * What of a payload is not kept: paths whose values are replaced before anything reads the event or stores the body.
 *
 * It errs on the side of replacing: a path that meets a list goes on in each of its items, `[*]` takes a value that is no
 * list for the only item of one, and a leading `payload.` is read both as the body, as in `fields:`, and as a key.
 */
import { z } from 'zod';
import { parseBody } from '../core/body.ts';
import { writeJson } from '../core/json.ts';
import { oneOrMany } from '../language/values.ts';
import { isPlainObject } from './coerce.ts';

const REDACTED = '[redacted]';

const EACH = Symbol('[*]');

/** From the payload's root; `EACH` is every item of a list. */
export type PayloadPath = readonly (string | typeof EACH)[];

const HELP =
  'A path in the body is needed: keys with dots between them, [*] for the items of a list, such as data.transcript or data.calls[*].from_number.';

const KEY = '[\\p{L}\\p{N}_$@-]+';
/** As other languages begin a path: nothing in a body is at `$`. */
const FOREIGN_ROOT = /^(?:\$|event\.payload)\./;
const PATH = new RegExp(`^(?!\\$\\.|event\\.payload\\.)${KEY}(\\[\\*\\])*(\\.${KEY}(\\[\\*\\])*)*$`, 'u');
const STEP = new RegExp(`${KEY}|\\[\\*\\]`, 'gu');

const path = z.string({ error: HELP }).regex(PATH, {
  error: ({ input }) => {
    const root = FOREIGN_ROOT.exec(String(input))?.[0];
    return root === undefined
      ? HELP
      : `This redacts nothing: a path begins in the body. Leave out "${root}" at its beginning. ${HELP}`;
  },
});

/** `redact:` of a source, as paths. */
export const redactSchema = oneOrMany(path, HELP).transform((written) => written.flatMap(pathsOf));

function pathsOf(written: string): PayloadPath[] {
  const steps = (written.match(STEP) ?? []).map((step) => (step === '[*]' ? EACH : step));
  return steps[0] === 'payload' && typeof steps[1] === 'string' ? [steps, steps.slice(1)] : [steps];
}

/** The payload without what the paths name. Null stays null, and what is not there stays away. */
export function redacted(payload: unknown, paths: readonly PayloadPath[]): unknown {
  return paths.reduce(without, payload);
}

/** What is kept of a body: itself, and as it reads, from now on and after a restart. Text that is not JSON has no paths. */
export function keptOf(payload: unknown, paths: readonly PayloadPath[]): { body: Buffer; payload: unknown } | null {
  if (paths.length === 0 || typeof payload !== 'object' || payload === null) return null;
  // Written anew even where nothing was found: a key that comes twice would leave its first value in the old text.
  const text = writeJson(redacted(payload, paths));
  return { body: Buffer.from(text), payload: parseBody(text) };
}

/** Whether two payloads say the same. What is redacted in either of them is not known, and not compared. */
export function samePayload(a: unknown, b: unknown): boolean {
  if (a === b || a === REDACTED || b === REDACTED) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => samePayload(item, b[index]));
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && samePayload(a[key], b[key]))
  );
}

function without(value: unknown, path: PayloadPath): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value === null ? null : REDACTED;
  if (Array.isArray(value)) return value.map((item) => without(item, step === EACH ? rest : path));
  if (step === EACH) return without(value, rest);
  if (!isPlainObject(value) || !Object.hasOwn(value, step)) return value;
  return { ...value, [step]: without(value[step], rest) };
}
