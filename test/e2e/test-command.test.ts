import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run, start } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

let cwd: string;

beforeEach(async () => {
  cwd = await makeFolder(
    'config.example.yaml',
    'config.example.test.yaml',
    'config.example.test.snap.yaml',
    'templates',
  );
});

afterEach(() => removeFolder(cwd));

const test = (...args: string[]) => run(['test', '--config', 'config.example.yaml', ...args], { cwd });
const edit = async (file: string, from: string | RegExp, to: string) =>
  writeFile(join(cwd, file), (await readFile(join(cwd, file), 'utf8')).replace(from, to));

const ONE = 'cases: [{ name: a, sample: action_created, expect: { routes: [action card] } }]\n';

describe('test', () => {
  it('the shipped cases pass, without any secret', async () => {
    const { code, stdout, stderr } = await test();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^config\.example\.test\.yaml\n {2}✓ a new action becomes a card {2}\d+ ms\n/);
    expect(stdout).toMatch(/\n\n17 passed \(\d+ ms\)\n$/);
  });

  it('an edit that changes a message: exit 1, the very line, and where the case is', async () => {
    await edit('templates/action_card.yaml', '*Status*', '*State*');
    const { code, stdout } = await test();
    expect(code).toBe(1);
    expect(stdout).toContain('  ✗ a new action becomes a card');
    expect(stdout).toMatch(/config\.example\.test\.yaml:\d+\n {6}text of card in #alo-actions, by "action card":\n/);
    expect(stdout).toContain('          Cold room 2 is above 8 °C\n        - *Status* Open\n        + *State* Open\n');
  });

  it('--junit and --json say the same', async () => {
    await edit('config.example.yaml', 'event.action.status == "Completed"', 'event.action.status == "<\\u0001&Done>"');
    await writeFile(join(cwd, 'bad.test.yaml'), 'cases: 1\n');
    const { code, stdout } = await test(
      '--json',
      '--junit',
      'out/report.xml',
      'config.example.test.yaml',
      'bad.test.yaml',
    );
    expect(code).toBe(1);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ ok: false, passed: 16, failed: 1 });
    expect(result.files[1]).toMatchObject({ file: 'bad.test.yaml', cases: [], problems: [{ line: 1, column: 8 }] });
    const [failed] = result.files[0].cases.filter(({ ok }: { ok: boolean }) => !ok);
    expect(failed).toMatchObject({
      name: 'a completed action gets a tick',
      failures: [{ what: 'deliveries', exact: true }],
    });
    expect(failed.failures[0].hints[0]).toMatch(/^"done" does not take it: event\.action\.status == /);
    const xml = await readFile(join(cwd, 'out/report.xml'), 'utf8');
    expect(xml).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="alo-relay" tests="18" failures="1" errors="1" /,
    );
    expect(xml).toContain('&quot;&lt;');
    expect([...xml].some((character) => character < ' ' && character !== '\n')).toBe(false);
    expect(xml).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos);)/);
    expect(tagsOf(xml)).toEqual([]);
  });

  it('--update keeps snapshots; without it, nothing is written', async () => {
    await edit('templates/sms_sent.yaml', /:speech_balloon:/g, ':envelope:');
    const before = await readFile(join(cwd, 'config.example.test.snap.yaml'), 'utf8');
    const changed = await test();
    expect([changed.code, changed.stdout]).toEqual([1, expect.stringContaining('keep it with --update')]);
    expect(await readFile(join(cwd, 'config.example.test.snap.yaml'), 'utf8')).toBe(before);
    const kept = await test('--update');
    expect([kept.code, kept.stdout]).toEqual([0, expect.stringMatching(/17 passed, 1 snapshot kept \(/)]);
    const after = await readFile(join(cwd, 'config.example.test.snap.yaml'), 'utf8');
    expect(after).toBe(before.replace(':speech_balloon: *SMS to', ':envelope: *SMS to'));
    expect(parseDocument(after).errors).toEqual([]);
  });

  it('takes the files beside the config that are no other config’s', async () => {
    await cp(join(cwd, 'config.example.yaml'), join(cwd, 'config.yaml'));
    await writeFile(join(cwd, 'calls.test.yaml'), ONE);
    await writeFile(join(cwd, 'config.test.yaml'), ONE);
    const { code, stdout } = await run(['test'], { cwd });
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.endsWith('.yaml'))).toEqual([
      'calls.test.yaml',
      'config.test.yaml',
    ]);
  });

  it.each([
    [['none.test.yaml'], 1, /none\.test\.yaml:1:1 error cases-unreadable/],
    [['--junit', 'config.example.yaml/x'], 2, /report cannot be written/],
  ])('%j: exit %i', async (args, expected, message) => {
    const { code, stdout, stderr } = await test(...args);
    expect([code, stdout + stderr]).toEqual([expected, expect.stringMatching(message)]);
  });

  it('no cases at all: exit 2, and where they belong', async () => {
    await rm(join(cwd, 'config.example.test.yaml'));
    const { code, stderr } = await test();
    expect([code, stderr]).toEqual([2, expect.stringContaining('Write some in config.example.test.yaml')]);
  });

  it('--watch runs again when a case, a template or the config changes, mistakes or not', async () => {
    await writeFile(join(cwd, 'one.test.yaml'), ONE);
    const watching = start(['test', '--config', 'config.example.yaml', '--watch', 'one.test.yaml'], { cwd });
    const runs = async (count: number, last: RegExp) => {
      await until(() => watching.stdout().split('Waiting for changes').length > count, 20_000);
      const [text = ''] = watching
        .stdout()
        .split('Waiting for changes')
        .slice(count - 1);
      expect(text + watching.stderr()).toMatch(last);
    };
    await runs(1, /1 passed/);
    await edit('one.test.yaml', 'action card', 'done');
    await runs(2, /1 failed/);
    await edit('config.example.yaml', 'card: { channel', 'cart: { channel');
    await runs(3, /Did you mean "card"\?/);
    await edit('config.example.yaml', 'cart: { channel', 'card: { channel');
    await runs(4, /1 failed/);
    await edit('one.test.yaml', 'routes: [done]', 'deliveries: [{ text: { contains: State } }]');
    await runs(5, /1 failed/);
    await edit('templates/action_card.yaml', '*Status*', '*State*');
    await runs(6, /1 passed/);
    expect(watching.stdout()).not.toContain('\u001B');
  }, 60_000);
});

/** Tags of an XML text that are not closed where they should be. */
function tagsOf(xml: string): string[] {
  const open: string[] = [];
  for (const [, end, name = '', self] of xml.matchAll(/<(\/?)([a-z]+)(?:\s[\w]+="[^"<]*")*(\/?)>/g)) {
    if (end === '/') {
      if (open.pop() !== name) return [name];
    } else if (self !== '/') open.push(name);
  }
  return open;
}
