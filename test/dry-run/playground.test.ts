import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { routesInFile } from '../../src/config/written-routes.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Problem } from '../../src/core/problem.ts';
import { dryRun } from '../../src/dry-run/dry-run.ts';
import { chooseSample, eventFrom } from '../../src/dry-run/event.ts';
import { explainJson } from '../../src/dry-run/explain-json.ts';
import {
  createPlayground,
  type Playground,
  type PlaygroundParts,
  type PlaygroundRequest,
} from '../../src/dry-run/playground/playground.ts';
import type { PlaygroundAnswer } from '../../src/dry-run/playground/view.ts';
import { compileTemplate } from '../../src/templates/load.ts';
import { ManualClock } from '../helpers/clock.ts';
import { startPlayground } from '../helpers/playground.ts';
import { until } from '../helpers/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test/fixtures');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const TOKEN = 'xoxb-never-to-be-seen';
const VARIABLES = {
  ALO_WEBHOOK_SECRET: SECRET,
  ALLO_WEBHOOK_SECRET: SECRET,
  SLACK_BOT_TOKEN: TOKEN,
  GOOD_SECRET: SECRET,
  TEAM_CHANNEL: 'from-the-environment',
};
const NOON = Date.parse('2026-03-03T11:00Z');
const SAMPLE = { event: { topic: 'action_created', story: 0 }, at: NOON };

let folder: string;
let example: Config;
/** Of the example. */
let playground: Playground;
const opened: Playground[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-playground-'));
  await cp(join(ROOT, 'templates'), join(folder, 'templates'), { recursive: true });
  await cp(join(ROOT, 'config.example.yaml'), join(folder, 'config.yaml'));
  example = await load(join(folder, 'config.yaml'));
  playground = playgroundOf(example);
});

afterAll(async () => {
  for (const playground of opened) await playground.close();
  await rm(folder, { recursive: true });
});

async function load(file: string): Promise<Config> {
  const { config, problems } = await loadConfig(file, VARIABLES);
  if (config === null) throw new Error(JSON.stringify(problems));
  return config;
}

function playgroundOf(config: Config | (() => Config), more: Partial<PlaygroundParts> = {}): Playground {
  const nothing = { stored: async () => null, recent: async () => [], clock: systemClock };
  const current = typeof config === 'function' ? config : () => config;
  const playground = createPlayground({ config: current, variables: VARIABLES, ...nothing, ...more });
  opened.push(playground);
  return playground;
}

async function tried(playground: Playground, request: PlaygroundRequest): Promise<PlaygroundAnswer> {
  const answer = await playground.try(request);
  if (answer === null) throw new Error('busy');
  return answer;
}

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

describe('problems are those of check, at the same places', () => {
  it('of routes: every bad config whose mistake is among them', async () => {
    const names = (await readdir(join(FIXTURES, 'config/bad'))).filter((name) => name.endsWith('.yaml'));
    const bad = join(folder, 'bad');
    await cp(join(FIXTURES, 'config'), bad, { recursive: true });
    const compared: string[] = [];
    let base = example;
    const ofBase = playgroundOf(() => base);
    for (const name of names) {
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
      const answer = await tried(ofBase, { ...SAMPLE, routes: section });
      expect(answer.problems.filter((one) => one.file === 'routes').map(told), name).toEqual(expected.map(told));
      if (expected.length > 0) compared.push(basename(name, '.yaml'));
    }
    expect(compared.length).toBeGreaterThan(40);
    expect(compared).toEqual(expect.arrayContaining(['unknown-template', 'bad-channel', 'yaml-open-quote']));
  });

  /** Of a file that is not YAML because of its routes: they are the last in all of these. */
  function brokenSection(text: string) {
    const start = /^routes:/m.exec(text)?.index;
    return start === undefined || /^(?!routes)\w+:/m.test(text.slice(start))
      ? null
      : { text: text.slice(start), line: text.slice(0, start).split('\n').length };
  }

  it('of templates: every bad one', async () => {
    const names = (await readdir(join(FIXTURES, 'templates/bad'))).filter((name) => name.endsWith('.yaml'));
    for (const file of names) {
      const text = await readFile(join(FIXTURES, 'templates/bad', file), 'utf8');
      const name = basename(file, '.yaml');
      const { problems, runs } = await tried(playground, { ...SAMPLE, template: { name, text } });
      const mine = problems.filter(({ code }) => code !== 'unused-template').map(told);
      const expected = compileTemplate(text, file).problems.map(told);
      expect(mine.toSorted(byPlace), file).toEqual(expected.toSorted(byPlace));
      expect(runs.length, file).toBe(expected.some(({ severity }) => severity === 'error') ? 0 : 1);
    }
  });

  const byPlace = (a: { line: number; column: number }, b: { line: number; column: number }) =>
    a.line - b.line || a.column - b.column;

  it.each([
    ['a section, further down in its file', 'routes:\n  - { on: x, posts: {} }', 12, [13, 14]],
    ['a list', '- { on: x, posts: {} }', 1, [1, 12]],
    ['a list, further down in its file', '- { on: x, posts: {} }', 12, [12, 12]],
    ['one route', '# mine\non: x\nposts: {}', 1, [3, 1]],
    ['one route in braces', '{ on: x, posts: {} }', 1, [1, 10]],
  ])('routes may be %s', async (_, text, line, place) => {
    const { problems } = await tried(playground, { ...SAMPLE, routes: { text, line } });
    const found = problems.filter(({ code }) => code === 'unknown-key');
    expect(found.map((one) => [one.line, one.column, one.remedy?.slice(0, 21)])).toEqual([
      [...place, 'Did you mean "post"? '],
    ]);
  });

  it.each([
    ['{ "a": }', { code: 'not-json', severity: 'warning', line: 1, column: 8 }],
    ['{\n "a": 1,\n', { code: 'not-json', severity: 'warning', line: 3, column: 1 }],
    ['{"a":1}\n x', { code: 'not-json', line: 2, column: 2 }],
    ['{"type":"unfinished', { code: 'not-json', line: 1, column: 20 }],
  ])('of a body: %s', async (body, problem) => {
    const { problems } = await tried(playground, { event: { source: 'alo', body } });
    expect(problems.filter(({ file }) => file === 'event')).toMatchObject([problem]);
  });

  it.each([
    [{ topic: 'action_creatd', story: 0 }, 'Did you mean "action_created"?'],
    [{ source: 'alu', body: '{}' }, 'Did you mean "alo"?'],
    [{ number: 7 }, 'No event has the number 7'],
  ])('of the choice of an event: %j', async (event, message) => {
    const { problems, runs } = await tried(playground, { event, template: { name: 'x', text: 'txt: 1' } });
    expect(problems[0]?.message).toContain(message);
    expect(problems.map(({ file }) => file)).toContain('template');
    expect(runs).toEqual([]);
  });
});

describe('a trial', () => {
  it('is what explain --json says, of a sample and of a stored event', async () => {
    const choice = chooseSample({ topic: 'action_assignment_changed', name: undefined }, example.sources);
    if (!choice.ok) throw new Error(choice.problem);
    const { source, sample } = choice.value;
    const { event } = eventFrom(source, JSON.stringify(sample.build({ index: 2, nowMs: NOON })), NOON);
    const expected = JSON.parse(JSON.stringify(explainJson(await dryRun(event, example, { at: NOON }))));
    const playground = playgroundOf(example, { stored: async (number) => (number === 3 ? event : null) });
    const ofSample = await tried(playground, { event: { topic: event.topic, story: 2 }, at: NOON });
    expect(ofSample).toEqual({ problems: [], runs: [expected], preview: null });
    expect((await tried(playground, { event: { number: 3 } })).runs).toEqual([expected]);
  });

  it('takes the edited template and routes, and the template by itself where no route uses it', async () => {
    const routes = { text: '- { name: mine, post: { channel: "#x", template: mine } }', line: 1 };
    const template = { name: 'mine', text: 'text: "*{{ event.action.title }}* <b>"' };
    const { runs, preview } = await tried(playground, { ...SAMPLE, routes, template });
    const message = runs[0]?.routes[0]?.deliveries[0]?.message;
    expect(message?.text).toMatch(/^\*.+\* <b>$/);
    expect(preview).toEqual({ message, fault: null });
    const alone = await tried(playground, { ...SAMPLE, template });
    expect(alone.preview).toEqual(preview);
    expect(alone.problems).toMatchObject([{ file: 'template', severity: 'warning', code: 'unused-template' }]);
  });

  it('looks up no variable but those that only the routes of the file use', async () => {
    const config = join(folder, 'variables.yaml');
    const own = '  - { name: own, post: { channel: "#${TEAM_CHANNEL}", template: any_event } }\n';
    await writeFile(config, `${(await readFile(join(folder, 'config.yaml'), 'utf8')).trimEnd()}\n${own}`);
    const names = ['TEAM_CHANNEL', 'SLACK_BOT_TOKEN', 'HOME', 'ALO_WEBHOOK_SECRET'];
    const text = names.map((name) => `- { name: ${name}, post: { channel: "#a-\${${name}}", template: any_event } }`);
    const routes = { text: `${text.join('\n')}\n- { stop: true, when: 'event.topic == "\${HOME:-x}"' }`, line: 1 };
    const answer = await tried(playgroundOf(await load(config)), { ...SAMPLE, routes });
    const channels = answer.runs[0]?.routes.flatMap(({ deliveries }) => deliveries.map(({ channel }) => channel));
    expect(channels).toEqual(['#a-from-the-environment', ...names.slice(1).map((name) => `#a-\${${name}}`)]);
    expect(answer.problems.map(({ code, severity, line }) => [code, severity, line])).toEqual(
      [2, 3, 4].map((line) => ['variable-not-read', 'warning', line]),
    );
    expect(answer.runs[0]?.routes.at(-1)?.detail).toContain('event.topic == "x" is false');
  });
});

describe('what is hostile', () => {
  it('a loop is cut by the limit of a render, and told where it stands', async () => {
    const text =
      'text: |\n  {% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}';
    const { problems, preview } = await tried(playground, { ...SAMPLE, template: { name: 'loop', text } });
    expect(problems.find(({ code }) => code === 'render-failed')).toMatchObject({
      file: 'template',
      line: 1,
      severity: 'error',
    });
    expect(preview?.fault).toMatch(/limit/);
  });

  it('what does not end is stopped, and the next one is not held up', async () => {
    const clock = new ManualClock(NOON);
    const playground = playgroundOf(example, { clock });
    const routes = { text: '- { when: \'event.topic.matches("^(([a-z_])+.)+[A-Z]$")\', stop: true }', line: 1 };
    const body = JSON.stringify({ type: 'a'.repeat(60) });
    const endless = tried(playground, { event: { source: 'alo', body }, routes });
    await until(() => clock.waiting === 1);
    const next = tried(playground, SAMPLE);
    await clock.advance(5_000);
    expect((await endless).problems).toMatchObject([{ file: 'routes', code: 'stopped', severity: 'error' }]);
    expect((await next).runs).toHaveLength(1);
  });

  it('more than a few at once are turned away', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => playground.try(SAMPLE)));
    const done = answers.filter((answer) => answer !== null);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(10);
    expect(new Set(done.map(({ runs }) => runs.length))).toEqual(new Set([1]));
  });

  it.each([
    ['routes that nest deep', { routes: { text: `routes: ${'['.repeat(50_000)}`, line: 1 } }],
    ['a template that nests deep', { template: { name: 'deep', text: `blocks: ${'[{a: '.repeat(20_000)}` } }],
    ['aliases that multiply', { template: { name: 'lol', text: laughs() } }],
    ['an alias of what stands elsewhere', { routes: { text: '- { post: *token }', line: 1 } }],
    ['other keys of the config', { routes: { text: 'routes: []\ntemplates: /etc\nslack: { token: x }', line: 1 } }],
    ['a second document', { routes: { text: 'routes: []\n---\nslack: { token: x }', line: 1 } }],
    ['nothing', { routes: { text: '', line: 1 }, template: { name: 'none', text: '' } }],
  ])('%s: problems, and no run', async (_, texts) => {
    const { problems, runs } = await tried(playground, { ...SAMPLE, ...texts });
    expect(problems.filter(({ severity }) => severity === 'error')).not.toEqual([]);
    expect(runs).toEqual([]);
  });

  it.each([
    '['.repeat(200_000),
    `{"type":"${'x'.repeat(200_000)}"}`,
    '{"type":"action_created","action":{"id":"1","title":"\\ud800<!channel>\\u0000","status":null}}',
    '"just text"',
    '',
  ])('a body: %.40s', async (body) => {
    const { runs } = await tried(playground, { event: { source: 'alo', body } });
    expect(runs).toHaveLength(1);
    const messages = runs[0]?.routes.flatMap(({ deliveries }) => deliveries.map(({ message }) => message?.text));
    expect(messages?.join()).not.toContain('<!channel>');
  });

  function laughs(): string {
    const lines = Array.from({ length: 9 }, (_, level) => `k${level + 1}: &k${level + 1} [${`*k${level},`.repeat(9)}]`);
    return `k0: &k0 [a]\n${lines.join('\n')}\nblocks: *k9`;
  }
});

it('nothing is written, and no secret comes out', async () => {
  const before = await stateOf(folder);
  const answers: unknown[] = [await playground.materials()];
  const texts = ['${SLACK_BOT_TOKEN}', '${ALO_WEBHOOK_SECRET}', '{{ event | json }}', '{{ env.SLACK_BOT_TOKEN }}'];
  for (const text of texts) {
    const routes = { text: `- { post: { channel: '#${text}', template: mine } }`, line: 1 };
    answers.push(await tried(playground, { ...SAMPLE, routes, template: { name: 'mine', text: `text: '${text}'` } }));
  }
  answers.push(await tried(playground, { ...SAMPLE, template: { name: 'any_event', text: 'text: changed' } }));
  expect(JSON.stringify(answers)).not.toContain(SECRET);
  expect(JSON.stringify(answers)).not.toContain(TOKEN);
  expect(await stateOf(folder)).toEqual(before);
  expect(answers[0]).toMatchObject({
    config_file: 'config.yaml',
    routes: { line: expect.any(Number), text: expect.stringMatching(/^routes:\n/) },
    sources: [
      { name: 'alo', type: 'alo' },
      { name: 'allo', type: 'allo' },
    ],
  });
});

async function stateOf(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { recursive: true });
  return Promise.all(names.map(async (name) => `${name} ${(await stat(join(path, name))).mtimeMs}`));
}

describe('over HTTP', () => {
  const event = { topic: 'action_created' };
  it.each([
    ['a form', 415, 'not-json', 'event=1', 'application/x-www-form-urlencoded'],
    ['no JSON', 400, 'bad-request', '{'],
    ['no event', 400, 'bad-request', JSON.stringify({ template: { name: 'x', text: '' } })],
    ['an unknown key', 400, 'bad-request', JSON.stringify({ event, config: 'slack: {}' })],
    ['a template that is a path', 400, 'bad-request', JSON.stringify({ event, template: { name: '../x', text: '' } })],
    ['a time that is none', 400, 'bad-request', JSON.stringify({ event, at: 'soon' })],
    ['a long body', 400, 'bad-request', JSON.stringify({ event: { source: 'alo', body: 'x'.repeat(300_000) } })],
    ['too much', 413, 'body-too-large', JSON.stringify({ event, routes: 'x'.repeat(2_000_000) })],
    ['what is right', 200, undefined, JSON.stringify({ event, at: '2026-03-03T11:00:00Z' })],
  ])('%s: %i', async (_, status, code, body, type = 'application/json') => {
    const site = await startPlayground();
    try {
      const response = await fetch(`${site.url}api/playground`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject(
        code === undefined ? { problems: [], preview: null } : { error: { code } },
      );
    } finally {
      await site.stop();
    }
  });
});
