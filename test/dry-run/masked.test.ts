import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { printRun } from '../../src/commands/explain-print.ts';
import { dryRun } from '../../src/dry-run/dry-run.ts';
import { explainJson } from '../../src/dry-run/explain-json.ts';
import { runPlayground } from '../../src/dry-run/playground/run.ts';
import { makeEvent } from '../helpers/events.ts';
import { loadWith } from '../helpers/example.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';

const SEC = 'Zx9SekretZx9';
const COND = 'event.payload.a == "Zx9Part" && event.payload.b == 1';
const VARIABLES = { SEC, COND, ALO: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', TOKEN: 'xoxb-never-to-be-seen' };
const ROUTES = `routes:
  - { when: 'event.payload.x == "\${SEC}"', stop: true }
  - { when: 'event.payload["\${SEC}"] == 1', stop: true }
  - { when: '!(event.topic == "\${SEC}")', post: { channel: "#a", template: any_event } }
  - { when: '\${COND}', stop: true }
`;
const TEMPLATES = resolve(import.meta.dirname, '../../templates');

let folder: string;

beforeEach(async () => {
  folder = await makeFolder();
});

afterEach(() => removeFolder(folder));

async function load() {
  const file = join(folder, 'config.yaml');
  const above = `sources: { alo: { type: alo, secrets: ["\${ALO}"] } }\nslack: { token: "\${TOKEN}" }\n`;
  await writeFile(file, `${above}templates: ${TEMPLATES}\n${ROUTES}`);
  return loadWith(VARIABLES, file);
}

it('a condition is told with the name of its variable, not with what that holds', async () => {
  const config = await load();
  const event = makeEvent({ topic: 'action_created', source: 'alo', payload: { a: 'other', b: 1 } });
  const run = await dryRun(event, config, { at: 0 });
  const json = JSON.stringify(explainJson(run));
  const text = printRun(run, { zone: 'UTC', links: false, link: () => null });
  expect(json + text).not.toMatch(/Zx9/);
  expect(run.routes.map((route) => ('because' in route.verdict ? route.verdict.because?.part : null))).toEqual([
    'event.payload.x == "${SEC}"',
    'event.payload["${SEC}"] == 1',
    '!(event.topic == "${SEC}")',
    '${COND}',
  ]);
});

it.each([
  ['what it runs', '', null],
  ['a problem', `  - { when: 'event.payload.x == "\${SEC}" &&', stop: true }\n`, 'expression-syntax'],
])('also in the playground: %s', async (_, more, code) => {
  const { routeSetting: surroundings, people, colors, delivery } = await load();
  const { payload, ...header } = makeEvent({ topic: 'action_created', source: 'alo', payload: { a: 'other' } });
  const answer = await runPlayground({
    event: { header: JSON.stringify(header), payload },
    at: 0,
    found: [],
    routes: { text: ROUTES.replace(/^.*any_event.*\n/m, '') + more, line: 1 },
    variables: VARIABLES,
    templates: [],
    edited: null,
    surroundings,
    people,
    colors,
    delivery,
  });
  expect(answer.problems.find(({ severity }) => severity === 'error')?.code ?? null).toBe(code);
  expect(answer.runs).toHaveLength(code === null ? 1 : 0);
  const told = JSON.stringify(answer);
  expect(told).toContain('${SEC}');
  expect(told).not.toMatch(/Zx9/);
});
