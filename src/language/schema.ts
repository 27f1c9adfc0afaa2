/**
 * Checking what a user wrote against a zod schema, with every problem at its place: unknown keys with the allowed
 * ones, a "did you mean", values in the units people write (`15m`, `256kb`).
 */
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from './document.ts';

/** An object that takes these keys and no others. `help`: what is needed, told where it is something else. */
export function object<Shape extends z.ZodRawShape>(shape: Shape, help?: string) {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, {
    // One line a key: `problemsOf` gives each key its own.
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys?.map((key) => remedyFor(key, allowed)).join('\n') : help,
  });
}

function remedyFor(key: string, allowed: readonly string[]): string {
  const near = closest(key, allowed);
  return `${near === null ? '' : `Did you mean "${near}"? `}Allowed here: ${allowed.join(', ')}.`;
}

/** The candidate that was probably meant, or null where nothing is near. */
export function closest(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits || lengthGap(a.candidate, word) - lengthGap(b.candidate, word));
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : null;
}

/** Letters swapped count as two edits: among equals, the same length is what was meant. */
function lengthGap(a: string, b: string): number {
  return Math.abs(a.length - b.length);
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** All problems of the document's value at once. `base` is where in the document the value stands. */
export function check<T>(schema: z.ZodType<T>, document: SourceDocument, base: Path = []): Checked<T> {
  let value: unknown = document.value;
  for (const key of base) value = Object(value)[key];
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: result.error.issues.flatMap((issue) => problemsOf(issue, document, base)) };
}

function problemsOf(issue: z.core.$ZodIssue, document: SourceDocument, base: Path): Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const remedies = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      ...document.placeOfKey([...path, key]),
      code: 'unknown-key',
      message: `Unknown key "${key}"${path.length === 0 ? '' : ` in ${written(path)}`}.`,
      ...(remedies[index] !== undefined && { remedy: remedies[index] }),
    }));
  }
  if (issue.code === 'invalid_union') {
    const nearest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    if (depth(nearest) > 0) {
      return nearest.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, document, base));
    }
  }
  if (path.length === 0 && issue.code === 'invalid_type') {
    return [{ ...document.place(path), code: 'bad-value', message: 'The file must hold keys and values.' }];
  }
  const message = sentence(issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message);
  const missing = issue.code === 'invalid_type' && valueAt(document.value, path) === undefined;
  return [
    missing
      ? {
          ...document.place(path),
          code: 'missing-key',
          message: `${written(path)} is missing.`,
          remedy: 'Add it here.',
        }
      : {
          ...document.place(path),
          code: 'bad-value',
          message: path.length === 0 ? message : `${written(path)}: ${message}`,
        },
  ];
}

/** How far into the value an alternative of a union got before it failed: the furthest is what was meant. */
function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** `routes[2].card` */
export function written(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`),
    '',
  );
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
