/** The house plan of CONTRIBUTING.md, held: which folder may import which, and what keeps files readable. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SOURCE_TYPE_NAMES } from '../src/sources/registry.ts';
import { VERB_NAMES } from '../src/verbs/verbs.ts';

const SRC = resolve(import.meta.dirname, '../src');
const CONTRIBUTING = readFileSync(resolve(SRC, '../CONTRIBUTING.md'), 'utf8');

/** From the ground up. Imports go down only; folders on one floor do not import each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['core'],
  ['language', 'slack-format'],
  ['sources', 'templates', 'slack', 'journal'],
  ['verbs'],
  ['routing', 'telemetry'],
  ['lint'],
  ['config'],
  ['relay'],
  ['history', 'dry-run', 'doctor'],
  ['http', 'admin', 'sandbox', 'client'],
  ['web'],
  ['app.ts'],
  ['commands'],
  ['cli.ts'],
];

const files = globSync('**/*.{ts,tsx}', { cwd: SRC }).toSorted();
const textOf = (file: string) => readFileSync(join(SRC, file), 'utf8');
const roomOf = (file: string) => file.split('/')[0] ?? file;
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));

/** Static and dynamic imports of our own files, type imports included. */
function importsOf(file: string): string[] {
  return [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
    .map(([, path = '']) => relative(SRC, resolve(SRC, dirname(file), path)))
    .filter((path) => !path.startsWith('..'));
}

/** The map of CONTRIBUTING.md: the folders of each floor, from the top, and the file that each begins with. */
const MAP = [...CONTRIBUTING.matchAll(/^\| (\d+) +\| `([^`]+?)\/?` +\|[^|]+\|(?: `([^`]+)`)? +\|$/gm)].map(
  ([, floor, folder = '', first]) => ({ floor: Number(floor), folder, first }),
);

describe('the map', () => {
  it('shows every folder on its floor', () => {
    const shown = MAP.map(({ floor, folder }) => `${floor} ${folder}`);
    expect(shown.toSorted()).toEqual(FLOORS.flatMap((rooms, floor) => rooms.map((it) => `${floor} ${it}`)).toSorted());
  });

  it('names the file that each folder begins with, whose first comment says what the folder is for', () => {
    const begun = MAP.filter(({ folder }) => !folder.endsWith('.ts'));
    const silent = begun.filter(
      ({ folder, first }) => first === undefined || !textOf(`${folder}/${first}`).startsWith('/**'),
    );
    expect(silent).toEqual([]);
  });
});

describe('the floors', () => {
  it('every file stands on one', () => {
    expect(files.filter((file) => floorOf(roomOf(file)) === -1)).toEqual([]);
  });

  it('imports go down only, never sideways', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => roomOf(target) !== roomOf(file) && floorOf(roomOf(target)) >= floorOf(roomOf(file)))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('there is no cycle, not even of types', () => {
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) throw new Error(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' → ')}`);
      if (done.has(file)) return;
      for (const target of importsOf(file)) visit(target, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(done.size).toBeGreaterThan(50);
  });

  it('there is no folder for odds and ends', () => {
    expect(files.filter((file) => /(^|\/)(utils?|types|lib|helpers|misc|common)(\.tsx?|\/)/.test(file))).toEqual([]);
  });

  it('no file outside its own folder and the registry names a source type to tell it from others', () => {
    const quoted = new RegExp(`['"\`](?:${SOURCE_TYPE_NAMES.join('|')})['"\`]`);
    const compared = new RegExp(`(?:[=!]==?|case|[[(])\\s*${quoted.source}|${quoted.source}\\s*[=!]==?`);
    const telling = files
      .filter((file) => !SOURCE_TYPE_NAMES.some((type) => file.startsWith(`sources/${type}/`)))
      .filter((file) => compared.test(readFileSync(join(SRC, file), 'utf8')));
    expect(telling).toEqual([]);
  });

  it('nobody imports the values of node:http, which costs each start 40 ms (core/http-server.ts)', () => {
    const importing = files.filter((file) =>
      /^import (?!type\b)[^;]*from 'node:http'/m.test(
        readFileSync(join(SRC, file), 'utf8').replaceAll(/\{ type [^}]*\}/g, ''),
      ),
    );
    expect(importing).toEqual([]);
  });

  it('no file is longer than 300 lines', () => {
    expect(files.filter((file) => textOf(file).split('\n').length > 301)).toEqual([]);
  });
});

it('no file outside of verbs/ asks which verb it is', () => {
  const names = VERB_NAMES.join('|');
  // Roles, and the kinds of a conversation, have names of their own, some of which are a verb's too.
  const asks = new RegExp(`(?:[!=]==|\\bcase) '(?:${names})'|\\b(?:route|written)\\.(?:${names})\\b`);
  const others = /(?:\bkind|\brole|\broleOf\(target\)) === '\w+'/g;
  expect(files.filter((file) => roomOf(file) !== 'verbs' && asks.test(textOf(file).replaceAll(others, '')))).toEqual(
    [],
  );
});
