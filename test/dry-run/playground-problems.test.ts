import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { routesInFile } from '../../src/config/written-routes.ts';
import type { Problem } from '../../src/core/problem.ts';
import { compileTemplate } from '../../src/templates/load.ts';
import { playgrounds, SAMPLE, VARIABLES } from './playgrounds.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

const { example, folder, open, tried } = playgrounds();

/** As both sides have it. */
function told({
  line,
  column,
  severity = 'error',
  code,
  message,
  remedy = null,
}: Omit<Problem, 'remedy' | 'file'> & { readonly remedy?: string | null }) {
  return { line, column, severity, code, message, remedy };
}

/** Of a file that is not YAML because of its routes: they are the last in all of these. */
function brokenSection(text: string) {
  const start = /^routes:/m.exec(text)?.index;
  return start === undefined || /^(?!routes)\w+:/m.test(text.slice(start))
    ? null
    : { text: text.slice(start), line: text.slice(0, start).split('\n').length };
}

const byPlace = (a: { line: number; column: number }, b: { line: number; column: number }) =>
  a.line - b.line || a.column - b.column;

const badOnes = async (path: string) => (await readdir(join(FIXTURES, path))).filter((name) => name.endsWith('.yaml'));

describe('problems are those of check, at the same places', () => {
  it('of routes: every bad config whose mistake is among them', async () => {
    const bad = join(folder(), 'bad');
    await cp(join(FIXTURES, 'config'), bad, { recursive: true });
    const compared: string[] = [];
    let base = example();
    const ofBase = open(() => base);
    for (const name of await badOnes('config/bad')) {
      const file = join(bad, 'bad', name);
      const text = await readFile(file, 'utf8');
      const section = routesInFile(text) ?? brokenSection(text);
      if (section === null) continue;
      const mended = join(bad, 'bad', 'mended.yaml');
      await writeFile(mended, text.replace(section.text, 'routes: [{ name: none, stop: true }]\n'));
      const { config } = await loadConfig(mended, VARIABLES);
      if (config === null) continue;
      base = config;
      const { problems } = await loadConfig(file, VARIABLES);
      const end = section.line + section.text.split('\n').length;
      const expected = problems.filter((one) => one.file === file && one.line >= section.line && one.line < end);
      const answer = await tried({ ...SAMPLE, routes: section }, ofBase);
      expect(answer.problems.filter((one) => one.file === 'routes').map(told), name).toEqual(expected.map(told));
      if (expected.length > 0) compared.push(basename(name, '.yaml'));
    }
    expect(compared.length).toBeGreaterThan(40);
    expect(compared).toEqual(expect.arrayContaining(['unknown-template', 'bad-channel', 'yaml-open-quote']));
  });

  it('of templates: every bad one', async () => {
    for (const file of await badOnes('templates/bad')) {
      const text = await readFile(join(FIXTURES, 'templates/bad', file), 'utf8');
      const name = basename(file, '.yaml');
      const { problems, runs } = await tried({ ...SAMPLE, template: { name, text } });
      const mine = problems.filter(({ code }) => code !== 'unused-template').map(told);
      const expected = compileTemplate(text, file).problems.map(told);
      expect(mine.toSorted(byPlace), file).toEqual(expected.toSorted(byPlace));
      expect(runs.length, file).toBe(expected.some(({ severity }) => severity === 'error') ? 0 : 1);
    }
  });

  it.each([
    ['a section, further down in its file', 'routes:\n  - { on: x, posts: {} }', 12, [13, 14]],
    ['a list', '- { on: x, posts: {} }', 1, [1, 12]],
    ['a list, further down in its file', '- { on: x, posts: {} }', 12, [12, 12]],
    ['one route', '# mine\non: x\nposts: {}', 1, [3, 1]],
    ['one route in braces', '{ on: x, posts: {} }', 1, [1, 10]],
  ])('whether the routes are %s', async (_, text, line, place) => {
    const { problems } = await tried({ ...SAMPLE, routes: { text, line } });
    const found = problems.filter(({ code }) => code === 'unknown-key');
    expect(found.map((one) => [one.line, one.column, one.remedy?.slice(0, 21)])).toEqual([
      [...place, 'Did you mean "post"? '],
    ]);
  });
});

describe('problems of the event asked for', () => {
  it.each([
    ['{ "a": }', { code: 'not-json', severity: 'warning', line: 1, column: 8 }],
    ['{\n "a": 1,\n', { code: 'not-json', severity: 'warning', line: 3, column: 1 }],
    ['{"a":1}\n x', { code: 'not-json', line: 2, column: 2 }],
    ['{"type":"unfinished', { code: 'not-json', line: 1, column: 20 }],
  ])('say where a body ceases to be JSON: %s', async (body, problem) => {
    const { problems } = await tried({ event: { source: 'alo', body } });
    expect(problems.filter(({ file }) => file === 'event')).toMatchObject([problem]);
  });

  it.each([
    [{ topic: 'action_creatd', story: 0 }, 'Did you mean "action_created"?'],
    [{ source: 'alu', body: '{}' }, 'Did you mean "alo"?'],
    [{ number: 7 }, 'No event has the number 7'],
  ])('say that there is no such event, and the others are told too: %j', async (event, message) => {
    const { problems, runs } = await tried({ event, template: { name: 'x', text: 'txt: 1' } });
    expect(problems[0]?.message).toContain(message);
    expect(problems.map(({ file }) => file)).toContain('template');
    expect(runs).toEqual([]);
  });
});
