import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Imports go down only; folders on one floor do not import each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['core'],
  ['language'],
  ['sources', 'routing', 'templates', 'slack', 'journal'],
  ['config'],
  ['relay', 'doctor', 'telemetry'],
  ['dry-run'],
  ['http', 'admin', 'sandbox'],
  ['web'],
  ['app.ts'],
  ['commands', 'cli.ts'],
];

const files = globSync('**/*.{ts,tsx}', { cwd: SRC }).toSorted();
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));
const roomOf = (file: string) => file.split('/')[0] ?? file;

/** Static and dynamic imports of our own files, type imports included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
    .map(([, path = '']) => relative(SRC, resolve(SRC, dirname(file), path)))
    .filter((path) => !path.startsWith('..'));
}

/** Imports that load the other file when this one is loaded: only they can make a cycle. */
function loadsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8').replaceAll(/^import type [^;]+;/gm, '');
  return [...text.matchAll(/from\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    relative(SRC, resolve(SRC, dirname(file), path)),
  );
}

describe('the floors', () => {
  it('every file stands on one', () => {
    expect(files.filter((file) => floorOf(roomOf(file)) === -1)).toEqual([]);
  });

  it('imports go down only, never sideways', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => roomOf(target) !== roomOf(file) && floorOf(roomOf(target)) >= floorOf(roomOf(file)))
        .filter((target) => !(roomOf(file) === 'cli.ts' && roomOf(target) === 'commands'))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('there is no cycle', () => {
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) throw new Error(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' → ')}`);
      if (done.has(file)) return;
      for (const target of loadsOf(file)) visit(target, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(done.size).toBeGreaterThan(50);
  });

  it('no drawer for odds and ends', () => {
    expect(files.filter((file) => /(^|\/)(utils?|types|lib|helpers|misc|common)(\.tsx?|\/)/.test(file))).toEqual([]);
  });

  it('no file is longer than 300 lines', () => {
    const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });
});
