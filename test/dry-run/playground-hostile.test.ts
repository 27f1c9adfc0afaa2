import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../helpers/clock.ts';
import { SECRET, TOKEN } from '../helpers/example.ts';
import { until } from '../helpers/until.ts';
import { NOON, playgrounds, SAMPLE } from './playgrounds.ts';

const { folder, open, tried } = playgrounds();

describe('what is hostile', () => {
  it('a loop is cut by the limit of a render, and told where it stands', async () => {
    const text =
      'text: |\n  {% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}';
    const { problems, preview } = await tried({ ...SAMPLE, template: { name: 'loop', text } });
    expect(problems.find(({ code }) => code === 'render-failed')).toMatchObject({
      file: 'template',
      line: 1,
      severity: 'error',
    });
    expect(preview?.fault).toMatch(/limit/);
  });

  it('what does not end is stopped, and the next one is not held up', async () => {
    const clock = new ManualClock(NOON);
    const playground = open(undefined, { clock });
    const routes = { text: '- { when: \'event.topic.matches("^(([a-z_])+.)+[A-Z]$")\', stop: true }', line: 1 };
    const body = JSON.stringify({ type: 'a'.repeat(60) });
    const endless = tried({ event: { source: 'alo', body }, routes }, playground);
    await until(() => clock.waiting === 1);
    const next = tried(SAMPLE, playground);
    await clock.advance(5_000);
    expect((await endless).problems).toMatchObject([{ file: 'routes', code: 'stopped', severity: 'error' }]);
    expect((await next).runs).toHaveLength(1);
  });

  it('more than a few at once are turned away', async () => {
    const playground = open();
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
    const { problems, runs } = await tried({ ...SAMPLE, ...texts });
    expect(problems.filter(({ severity }) => severity === 'error')).not.toEqual([]);
    expect(runs).toEqual([]);
  });

  it.each([
    '['.repeat(200_000),
    `{"type":"${'x'.repeat(200_000)}"}`,
    '{"type":"action_created","action":{"id":"1","title":"\\ud800<!channel>\\u0000","status":null}}',
    '"just text"',
    '',
  ])('a body that is odd runs, and mentions nobody: %.40s', async (body) => {
    const { runs } = await tried({ event: { source: 'alo', body } });
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
  const before = await stateOf(folder());
  const answers: unknown[] = [await open().materials()];
  const texts = ['${SLACK_BOT_TOKEN}', '${ALO_WEBHOOK_SECRET}', '{{ event | json }}', '{{ env.SLACK_BOT_TOKEN }}'];
  for (const text of texts) {
    const routes = { text: `- { post: { channel: '#${text}', template: mine } }`, line: 1 };
    answers.push(await tried({ ...SAMPLE, routes, template: { name: 'mine', text: `text: '${text}'` } }));
  }
  answers.push(await tried({ ...SAMPLE, template: { name: 'any_event', text: 'text: changed' } }));
  expect(JSON.stringify(answers)).not.toContain(SECRET);
  expect(JSON.stringify(answers)).not.toContain(TOKEN);
  expect(await stateOf(folder())).toEqual(before);
  expect(answers[0]).toMatchObject({
    config_file: 'config.yaml',
    routes: { line: expect.any(Number), text: expect.stringMatching(/^routes:\n/) },
    sources: [{ name: 'alo' }, { name: 'allo' }],
  });
});

async function stateOf(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { recursive: true });
  return Promise.all(names.map(async (name) => `${name} ${(await stat(join(path, name))).mtimeMs}`));
}
