import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { runCases } from '../../src/dry-run/run-cases.ts';
import { loadWith, VARIABLES } from '../helpers/example.ts';

const ROOT = resolve(import.meta.dirname, '../..');

let example: Config;
let folder: string;

beforeAll(async () => {
  example = await loadWith(VARIABLES);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-cases-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function run(yaml: string, { update = false } = {}) {
  const file = join(folder, 'a.test.yaml');
  await writeFile(file, yaml);
  return runCases(file, example, { update });
}

/** What fails of one case about a completed action. */
async function failuresOf(expectation: string, more = 'sample: action_status_updated') {
  const { cases, problems } = await run(`cases:\n  - name: one\n    ${more}\n    expect: ${expectation}\n`);
  expect(problems).toEqual([]);
  return cases.flatMap(({ failures }) => failures);
}

describe('the shipped cases', () => {
  it('pass, every route of the example among them, and their snapshots are kept', async () => {
    const { cases, problems, snapshots } = await runCases(join(ROOT, 'config.example.test.yaml'), example, {
      update: false,
    });
    expect([problems, snapshots]).toEqual([[], { written: 0, obsolete: 0 }]);
    expect(cases.filter(({ failures }) => failures.length > 0)).toEqual([]);
    const text = await readFile(join(ROOT, 'config.example.test.yaml'), 'utf8');
    const routes = [...text.matchAll(/routes: \[(.*)\]/g)].flatMap(([, names = '']) => names.split(', '));
    const told = [...routes, ...[...text.matchAll(/route: ([\w ]+)/g)].map(([, name]) => name), 'done'];
    expect(example.routes.map(({ name }) => name).filter((name) => !told.includes(name))).toEqual([]);
  });
});

describe('what is expected', () => {
  it.each([
    '{ routes: [action card, done] }',
    '{ deliveries: [{}, {}] }',
    '{ deliveries: [{ verb: card, at_least: false, held_until: false }, { route: done, emoji: white_check_mark }] }',
    '{ deliveries: [{ text: { contains: Completed, lacks: [Opened, Closed], matches: "^Cold.*°C\\\\n\\\\*Status" } }, {}] }',
    '{ deliveries: [{ summary: "Cold room 2 is above 8 °C is Completed" }, {}], nothing: false }',
  ])('holds: %s', async (expectation) => {
    expect(await failuresOf(expectation)).toEqual([]);
  });

  const failing: [string, string, readonly string[], readonly string[]][] = [
    ['{ routes: [done, action card] }', 'routes', ['done', 'action card'], ['action card', 'done']],
    ['{ routes: [] }', 'routes', [], ['action card', 'done']],
    [
      '{ nothing: true }',
      'deliveries',
      [],
      ['card in #alo-actions, by "action card"', 'react :white_check_mark: in #alo-actions, by "done"'],
    ],
    [
      '{ deliveries: [{ verb: card }] }',
      'deliveries',
      ['card in #alo-actions, by "action card"'],
      ['card in #alo-actions, by "action card"', 'react :white_check_mark: in #alo-actions, by "done"'],
    ],
    [
      '{ deliveries: [{ verb: card }, { verb: dm, to: maria@example.com }] }',
      'deliveries',
      ['card in #alo-actions, by "action card"', 'dm to maria@example.com'],
      ['card in #alo-actions, by "action card"', 'react :white_check_mark: in #alo-actions, by "done"'],
    ],
    [
      '{ deliveries: [{}, { emoji: tada }] }',
      'deliveries',
      ['card in #alo-actions, by "action card"', 'something :tada:'],
      ['card in #alo-actions, by "action card"', 'react :white_check_mark: in #alo-actions, by "done"'],
    ],
    [
      '{ deliveries: [{ summary: x }, {}] }',
      'summary of card in #alo-actions, by "action card"',
      ['x'],
      ['Cold room 2 is above 8 °C is Completed'],
    ],
    [
      '{ deliveries: [{ summary: { contains: [Cold, Warm], lacks: room, matches: ^room } }, {}] }',
      'summary of card in #alo-actions, by "action card"',
      ['contains "Warm"', 'lacks "room"', 'matches /^room/'],
      ['Cold room 2 is above 8 °C is Completed'],
    ],
    [
      '{ deliveries: [{ held_until: "08:00" }, { at_least: 3 }] }',
      'held_until of card in #alo-actions, by "action card"',
      ['Wed 2026-03-04 08:00 Europe/Paris'],
      ['not held'],
    ],
  ];
  it.each(failing)('fails: %s', async (expectation, what, expected, received) => {
    const [failure] = await failuresOf(expectation);
    expect(failure).toMatchObject({ what, expected, received });
  });

  it('blocks, exactly', async () => {
    const [failure] = await failuresOf('{ deliveries: [{ blocks: [{ type: divider }] }, {}] }');
    expect(failure?.expected).toEqual(['- type: divider']);
    expect(failure?.received).toContain('- type: header');
  });

  it('says which part of a condition it was', async () => {
    const untouched = 'sample: { topic: action_status_updated, with: { action: { status: On hold } } }';
    const why =
      '"done" does not take it: event.action.status == "Completed" is false (event.action.status is "On hold").';
    expect((await failuresOf('{ routes: [action card, done] }', untouched))[0]?.hints).toEqual([why]);
    expect((await failuresOf('{ deliveries: [{}, { verb: react }] }', untouched))[0]?.hints).toContain(why);
    const [taken] = await failuresOf('{ routes: [action card] }');
    expect(taken?.hints).toEqual([
      '"done" takes it: event.action.status == "Completed" (event.action.status is "Completed").',
    ]);
  });

  it('what could never be sent fails, unless that is what is expected', async () => {
    const nobody =
      'sample: { topic: action_assignment_changed, with: { changes: { assignees: { added: [{ name: A }] } } } }';
    const [failure, ...others] = await failuresOf('{ routes: [action card, tell the assignee] }', nobody);
    expect(others).toEqual([]);
    expect(failure).toMatchObject({
      what: 'dm to A, by "tell the assignee"',
      received: [expect.stringMatching(/^Nobody in Slack/)],
    });
    expect(await failuresOf('{ deliveries: [{}, { verb: dm, fault: { contains: people.map } }] }', nobody)).toEqual([]);
  });

  it("ALO's handshake is relayed nowhere", async () => {
    const handshake = 'event: { type: webhook_url_verification, challenge: abc }\n    source: alo';
    expect(await failuresOf('{ nothing: true, routes: [] }', handshake)).toEqual([]);
  });

  it('a payload from a file beside the cases', async () => {
    await writeFile(
      join(folder, 'payload.json'),
      JSON.stringify({ topic: 'call.received', data: { from_number: '+331' } }),
    );
    const { cases, reads } = await run('cases: [{ name: a, file: payload.json, expect: { routes: [call begins] } }]');
    expect([cases[0]?.failures, reads]).toEqual([[], [join(folder, 'payload.json')]]);
  });
});

describe('snapshots', () => {
  const one = (topic: string) => `{ name: of ${topic}, sample: ${topic}, expect: { snapshot: true } }`;
  const kept = () => readFile(join(folder, 'a.test.snap.yaml'), 'utf8').catch(() => null);

  it('are missing until they are kept, and compared from then on', async () => {
    const before = await run(`cases: [${one('sms.sent')}]`);
    expect(before.cases[0]?.failures[0]?.hints).toEqual([
      'There is no snapshot of it yet. Keep this one with --update.',
    ]);
    expect(await kept()).toBe(null);

    const updated = await run(`cases: [${one('sms.sent')}, ${one('sms.received')}]`, { update: true });
    expect([updated.snapshots.written, updated.cases.flatMap(({ failures }) => failures)]).toEqual([2, []]);
    expect(await kept()).toContain('of sms.sent:');
    expect(
      (await run(`cases: [${one('sms.sent')}, ${one('sms.received')}]`)).cases.flatMap(({ failures }) => failures),
    ).toEqual([]);

    await writeFile(join(folder, 'a.test.snap.yaml'), (await kept())?.replace('counter until 7 pm', 'desk') ?? '');
    const changed = await run(`cases: [${one('sms.sent')}]`);
    const [failure] = changed.cases[0]?.failures ?? [];
    expect(failure).toMatchObject({ what: 'snapshot', exact: true });
    expect(failure?.expected.filter((line) => !failure.received.includes(line)).join()).toContain('at the desk');
    expect(changed.snapshots).toEqual({ written: 0, obsolete: 1 });
  });

  it('those of no case go with the next update, but not where the file has mistakes', async () => {
    await run(`cases: [${one('sms.sent')}, ${one('sms.received')}]`, { update: true });
    await run(`cases: [${one('sms.sent')}, ${one('sms.receivd')}]`, { update: true });
    expect(await kept()).toContain('of sms.received:');
    await run(`cases: [${one('sms.sent')}]`, { update: true });
    expect(await kept()).not.toContain('of sms.received:');
    await run('cases: [{ name: a, sample: sms.sent, expect: { routes: [text out] } }]', { update: true });
    expect(await kept()).toBe(null);
  });

  it('a file that is no YAML is named', async () => {
    await writeFile(join(folder, 'a.test.snap.yaml'), 'a: [');
    const { problems } = await run(`cases: [${one('sms.sent')}]`, { update: true });
    expect(problems[0]).toMatchObject({ file: join(folder, 'a.test.snap.yaml'), code: 'yaml' });
    expect(await kept()).toBe('a: [');
  });
});

describe('mistakes in a file of cases, each at its place', () => {
  const good = 'sample: action_created, expect: { nothing: false, routes: [action card] }';
  const mistakes: [string, string, RegExp][] = [
    ['', '1:1 bad-value', /must hold keys/],
    ['cases: []', '1:8 bad-value', /At least one case/],
    ['case: [{}]', '1:1 unknown-key', /Did you mean "cases"\?/],
    [`cases: [{ name: a, expects: 1, ${good} }]`, '1:20 unknown-key', /Did you mean "expect"\?/],
    ['cases: [{ name: a, sample: action_created }]', '1:9 missing-key', /cases\[0\]\.expect is missing/],
    ['cases: [{ name: a, expect: { nothing: true } }]', '1:9 bad-value', /One event is needed/],
    [`cases: [{ name: a, event: {}, ${good} }]`, '1:9 bad-value', /One event is needed/],
    ['cases: [{ name: a, sample: action_created, expect: {} }]', '1:52 bad-value', /Something to expect/],
    [
      'cases: [{ name: a, sample: action_creatd, expect: { nothing: true } }]',
      '1:28 unknown-sample',
      /Did you mean "action_created"\?/,
    ],
    [
      'cases: [{ name: a, sample: { topic: call.received, source: alo }, expect: { nothing: true } }]',
      '1:28 unknown-sample',
      /no sample/,
    ],
    [`cases: [{ name: a, at: noonish, ${good} }]`, '1:24 bad-time', /A time is needed/],
    [`cases: [{ name: a, zones: { m: Europe/Pari }, ${good} }]`, '1:32 bad-value', /no time zone/],
    ['cases: [{ name: a, event: {}, expect: { nothing: true } }]', '1:27 unknown-source', /Several sources.*alo, allo/],
    [
      'cases: [{ name: a, event: {}, source: all, expect: { nothing: true } }]',
      '1:39 unknown-source',
      /Did you mean "alo"\?/,
    ],
    [
      'cases: [{ name: a, file: none.json, expect: { nothing: true } }]',
      '1:26 payload-unreadable',
      /none\.json.*ENOENT/,
    ],
    [
      'cases: [{ name: a, sample: sms.sent, expect: { routes: [text in, txt out] } }]',
      '1:66 unknown-route',
      /Did you mean "text out"\?/,
    ],
    [
      'cases: [{ name: a, sample: sms.sent, expect: { deliveries: [{ verb: cards }] } }]',
      '1:69 bad-value',
      /One of card/,
    ],
    [
      'cases: [{ name: a, sample: sms.sent, expect: { deliveries: [{ held_until: 8 h }] } }]',
      '1:75 bad-time',
      /A time is needed/,
    ],
    [
      'cases: [{ name: a, sample: sms.sent, expect: { deliveries: [{ text: { matches: "(" } }] } }]',
      '1:80 bad-value',
      /not a regular expression/,
    ],
    ['cases: [{ name: a, sample: sms.sent, expect: { deliveries: [{ text: {} }] } }]', '1:69 bad-value', /contains/],
    [`cases: [{ name: a, ${good} }, { name: a, ${good} }]`, '1:105 duplicate-name', /Another case is called "a"/],
    ['cases: [', '1:9 yaml', /./],
  ];
  it.each(mistakes)('%s', async (yaml, where, message) => {
    const { problems } = await run(yaml);
    const told = problems.map(
      ({ line, column, code, message: what, remedy }) => `${line}:${column} ${code}: ${what} ${remedy}`,
    );
    const [problem] = told.filter((line) => line.startsWith(`${where}: `));
    expect(problem ?? told).toMatch(message);
  });

  it('a file that is not there', async () => {
    const { problems } = await runCases(join(folder, 'none.test.yaml'), example, { update: false });
    expect(problems).toMatchObject([{ code: 'cases-unreadable', message: 'There is no such file.' }]);
  });
});
