import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import { loadTemplates } from '../../src/templates/load.ts';
import { SHIPPED_TEMPLATES } from '../../src/templates/shipped.ts';
import { shownProblem } from '../helpers/problems.ts';

const BAD = 'test/fixtures/templates/bad';
const EXPECTED = join(BAD, 'expected.txt');
const files = (await readdir(BAD)).filter((name) => name.endsWith('.yaml')).toSorted();
const { templates, problems } = await loadTemplates(BAD);

/** Lists of everything that Liquid has are cut: they change with it. */
function shown(problem: Problem): string {
  return shownProblem(problem, problem.file).replace(/((?:Filters|Tags): [\w#]+, \w+), .*/g, '$1, …');
}

describe('bad templates', () => {
  test('say where, what and what to do: one fixture a mistake, its exact messages in expected.txt', async () => {
    const found = files.map((name) => {
      const told = problems.filter(({ file }) => file === join(BAD, name)).map(shown);
      return `${parse(name).name}\n${told.join('\n')}`;
    });
    const text = `${found.join('\n\n')}\n`;
    if (process.env.UPDATE_EXPECTED === '1') await writeFile(EXPECTED, text);
    expect(text).toBe(await readFile(EXPECTED, 'utf8'));
  });

  test('every one of them is told, and only those with a mere warning are used', () => {
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(files.map((file) => join(BAD, file))));
    expect([...templates.keys()]).toEqual([
      'button-without-url',
      'comment-cuts-a-text',
      'open-markup',
      'raw',
      'unknown-key-in-a-block',
    ]);
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
    expect(missing.problems).toMatchObject([
      { code: 'templates-folder', message: 'The templates folder cannot be read: it does not exist.' },
    ]);
    expect(missing.files).toBeNull();
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
  expect([...shipped.templates.keys()]).toEqual(SHIPPED_TEMPLATES);
  expect(shipped.problems).toEqual([]);
  const sources = await Promise.all([...shipped.templates.values()].map(({ file }) => readFile(file, 'utf8')));
  expect(sources.filter((source) => /\|\s*raw\b/.test(source))).toEqual([]);
});
