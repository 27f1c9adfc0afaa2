/**
 * Checking what a user wrote against a zod schema, with every problem at its place: unknown keys with the allowed
 * ones, a "did you mean", values in the units people write (`15m`, `256kb`).
 */
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from './document.ts';

// Most schemas parse once a start: compiling functions for them takes longer than it saves.
z.config({ jitless: true });

/**
 * An object that takes these keys and no others. `help`: what is needed, told where it is something else. `foreign`:
 * what to do about keys that people know from elsewhere.
 */
export function object<Shape extends z.ZodRawShape>(
  shape: Shape,
  help?: string,
  foreign: Readonly<Record<string, string>> = {},
) {
  const allowed = Object.keys(shape);
  const needed = help ?? `Keys are needed here (${allowed.join(', ')}), each with a colon, a space and its value.`;
  return z.strictObject(shape, {
    // One line a key: `problemsOf` gives each key its own.
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys?.map((key) => foreign[key] ?? remedyFor(key, allowed)).join('\n')
        : needed,
  });
}

function remedyFor(key: string, allowed: readonly string[]): string {
  const [, start] = /^(\w+):./.exec(key) ?? [];
  if (start !== undefined && allowed.includes(start)) return `Put a space behind the colon of ${start}.`;
  const near = closest(key, allowed);
  return `${near === null ? '' : `Did you mean "${near}"? `}Allowed here: ${allowed.join(', ')}.`;
}

/** The candidate that was probably meant, or null where nothing is near. */
export function closest(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits || lengthGap(a.candidate, word) - lengthGap(b.candidate, word));
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(1, Math.floor((word.length + 1) / 3)) ? best.candidate : null;
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
  const issues = toldOf(innermost(result.error.issues));
  return { ok: false, problems: issues.flatMap((issue) => problemsOf(issue, document, base)) };
}

/** Of what fits none of several alternatives, what is wrong with the one that was probably meant. */
export function innermost(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return issue;
    const nearest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    if (depth(nearest) === 0) return issue;
    return innermost(nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
  });
}

/** Where a key is misspelt, what the whole lacks is that key: told once. */
function toldOf(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const remedies = new Map<string, string>();
  for (const { code, path, message } of issues) if (code === 'unrecognized_keys') remedies.set(written(path), message);
  return issues.filter(({ code, path }) => {
    if (code === 'custom' && remedies.has(written(path))) return false;
    const meant = remedies.get(written(path.slice(0, -1)));
    return meant === undefined || !meant.includes(`Did you mean "${String(path.at(-1))}"?`);
  });
}

function problemsOf(issue: z.core.$ZodIssue, document: SourceDocument, base: Path): Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const remedies = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      ...document.placeOfKey([...path, key]),
      code: 'unknown-key',
      message: `Unknown key "${withoutValue(key)}"${path.length === 0 ? '' : ` in ${written(path)}`}.`,
      ...(remedies[index] !== undefined && { remedy: remedies[index] }),
    }));
  }
  if (path.length === 0 && issue.code === 'invalid_type') {
    const message = 'The file must hold keys and values.';
    const remedy = 'Keys stand at the left margin, each with a colon, a space and its value.';
    return [{ ...document.place(path), code: 'bad-value', message, remedy }];
  }
  const message = sentence(issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message);
  if (issue.code !== 'invalid_key' && path.length > 0 && valueAt(document.value, path) === undefined) {
    const remedy = message.startsWith('Invalid input') ? 'Add it here.' : message;
    return [{ ...document.place(path), code: 'missing-key', message: `${written(path)} is missing.`, remedy }];
  }
  return [
    {
      ...document.place(path),
      code: 'bad-value',
      message: path.length === 0 ? message : `${written(path)}: ${message}`,
    },
  ];
}

/** A value that stands right behind its colon is read as part of the key. It may be a secret. */
function withoutValue(key: string): string {
  return key.replace(/:.+$/s, ':…');
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
