/**
 * Where the value of `${NAME}` comes from: the variable NAME, else the file that NAME_FILE names, else the file NAME in
 * CREDENTIALS_DIRECTORY (systemd). A file is read whenever the config is loaded, so a rotated secret takes effect.
 */
import { constants, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ResolvedVariables, VariableProblem, Variables } from './environment.ts';

const LARGEST_BYTES = 64 * 1024;

/** Never rejects. No problem shows what a file holds. */
export async function resolveVariables(names: readonly string[], environment: Variables): Promise<ResolvedVariables> {
  const values: Record<string, string | undefined> = { ...environment };
  const problems = new Map<string, VariableProblem>();
  const files: string[] = [];
  for (const name of new Set(names)) {
    const place = placeOf(name, environment);
    if (environment[name] !== undefined) {
      if (place?.isNamed === true) problems.set(name, bothSet(name));
      continue;
    }
    if (place === null) continue;
    files.push(place.path);
    const read = await readValue(place.path);
    if (read.ok) values[name] = read.value;
    else if (place.isNamed || !read.isMissing) problems.set(name, unusable(name, place, read));
  }
  return { values, problems, files };
}

interface ValuePlace {
  readonly path: string;
  /** By NAME_FILE: then it has to be there. */
  readonly isNamed: boolean;
}

function placeOf(name: string, environment: Variables): ValuePlace | null {
  const { [`${name}_FILE`]: named = '', CREDENTIALS_DIRECTORY: credentials = '' } = environment;
  if (named !== '') return { path: resolve(named), isNamed: true };
  return credentials === '' ? null : { path: resolve(join(credentials, name)), isNamed: false };
}

interface Unreadable {
  readonly ok: false;
  readonly why: string;
  readonly remedy: string;
  readonly isMissing: boolean;
}

type ValueRead = { readonly ok: true; readonly value: string } | Unreadable;

/** One line break at the end is the editor's, and not part of the value. */
export async function readValue(path: string): Promise<ValueRead> {
  try {
    const bytes = await readBounded(path);
    if (bytes === null) return unreadable('is not a file', 'Name the file that holds the value.');
    if (bytes.length > LARGEST_BYTES)
      return unreadable('is larger than 64 kB', 'Name a file that holds the value and nothing else.');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.includes('\0')) return unreadable(...NOT_TEXT);
    return { ok: true, value: text.replace(/\r?\n$/, '') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return unreadable(...NOT_TEXT);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { ...unreadable('does not exist', ''), isMissing: true };
    if (code === 'EACCES' || code === 'EPERM')
      return unreadable('may not be read', 'Let the user who runs alo-relay read it.');
    return unreadable(`cannot be read (${code})`, 'Name a file that can be read.');
  }
}

const NOT_TEXT = ['is not text', 'Write the value as UTF-8 text, and encode a binary one as base64.'] as const;

function unreadable(why: string, remedy: string): Unreadable {
  return { ok: false, why, remedy, isMissing: false };
}

/** One byte more than is allowed tells that there is too much. Null for what is no regular file: a pipe may never end. */
async function readBounded(path: string): Promise<Buffer | null> {
  const { O_RDONLY, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return null;
    const buffer = Buffer.alloc(LARGEST_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      ({ bytesRead: read } = await file.read(buffer, length, buffer.length - length));
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

function unusable(name: string, { path, isNamed }: ValuePlace, { why, remedy }: Unreadable): VariableProblem {
  const by = isNamed ? `${name}_FILE names it` : 'it is in CREDENTIALS_DIRECTORY';
  const message = `The file ${path} for the variable ${name} ${why} (${by}).`;
  return { code: 'variable-file', message, remedy: remedy || `Create it, or set ${name} or ${name}_FILE.` };
}

function bothSet(name: string): VariableProblem {
  const message = `Both ${name} and ${name}_FILE are set; ${name} is used, and the file is not read.`;
  return { severity: 'warning', code: 'variable-twice', message, remedy: `Unset one of them: \`unset ${name}\`.` };
}
