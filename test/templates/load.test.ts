import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import { loadTemplates } from '../../src/templates/load.ts';

const BAD = 'test/fixtures/templates/bad';
const files = await readdir(BAD);
const { templates, problems } = await loadTemplates(BAD);

/** Lists of everything allowed are cut: only that they are there matters. */
function shown({ line, column, severity = 'error', code, message, remedy = '' }: Problem): string {
  return `${line}:${column} ${severity} ${code}: ${message} ${remedy}`
    .replace(/((?:Filters|Tags|Blocks): \w+, \w+), .*/, '$1, …')
    .trim();
}

describe('bad templates', () => {
  test.each(files)('%s', (file) => {
    expect(problems.filter((problem) => problem.file === join(BAD, file)).map(shown)).toMatchSnapshot();
  });

  test('every one of them is told, and only the one with a mere warning is used', () => {
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(files.map((file) => join(BAD, file))));
    expect([...templates.keys()]).toEqual(['raw']);
  });
});

describe('the folder', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'templates-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('that is not there, or is a file, is a problem and no crash', async () => {
    const missing = await loadTemplates(join(folder, 'nowhere'));
    expect(missing.problems.map(shown)).toEqual([
      '1:1 error templates-folder: The templates folder cannot be read: it does not exist. Create it, or correct "templates" in the config.',
    ]);
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    expect((await loadTemplates(file)).problems[0]?.message).toMatch('it is not a folder');
  });

  test('gives templates the names of their files; other files are left alone', async () => {
    await writeFile(join(folder, 'one.yaml'), 'text: "{{ event.topic }}"');
    await writeFile(join(folder, 'two.yml'), 'text: two');
    await writeFile(join(folder, 'README.md'), 'text: [');
    const loaded = await loadTemplates(folder);
    expect(loaded.problems).toEqual([]);
    expect([...loaded.templates.values()].map(({ name, file }) => [name, file])).toEqual([
      ['one', join(folder, 'one.yaml')],
      ['two', join(folder, 'two.yml')],
    ]);
    await writeFile(join(folder, 'two.yaml'), 'text: other');
    expect((await loadTemplates(folder)).problems.map(({ code }) => code)).toEqual(['duplicate-template']);
  });
});

test('the shipped templates have no problems, and none lets data through', async () => {
  const shipped = await loadTemplates('templates');
  expect(shipped.problems).toEqual([]);
  const sources = await Promise.all([...shipped.templates.values()].map(({ file }) => readFile(file, 'utf8')));
  expect(sources.filter((source) => /\|\s*raw\b/.test(source))).toEqual([]);
});
