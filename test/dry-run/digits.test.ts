import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { writeJson } from '../../src/core/json.ts';
import { dryRun } from '../../src/dry-run/dry-run.ts';
import { eventFrom } from '../../src/dry-run/event.ts';
import { explainJson } from '../../src/dry-run/explain-json.ts';
import { runCases } from '../../src/dry-run/run-cases.ts';
import { verdictText } from '../../src/dry-run/wording.ts';
import { copyExample, loadWith, SECRET, VARIABLES } from '../helpers/example.ts';
import { startPlayground } from '../helpers/playground.ts';

const ID = '1524831183200260097';
const NEXT = '1524831183200260098';
const AT = Date.parse('2026-03-03T11:00Z');

const CONFIG = `sources:
  alo:
    type: alo
    secrets: ["${SECRET}"]
    fields: { action_team: payload.team.id }
    dedupe: { key: payload.event_id }
    redact: secret
people: { map: { ${ID}: U024BE7LH } }
routes:
  - name: this one
    when: event.payload.action.id == ${ID} && event.payload.action.id > ${ID} - 1
    at_least: { count: 2, within: 1h, per: event.payload.action.id }
    post: { channel: "#a", template: digits }
  - { name: the next, when: event.payload.action.id == ${NEXT}, post: { channel: "#a", template: digits } }
  - { name: overflow, when: event.payload.big + 1 > 0, post: { channel: "#a", template: digits } }
  - { name: no time, when: timestamp(event.payload.big) > timestamp(event.received_at), post: { channel: "#a", template: digits } }
  - { name: to a number, dm: { to: event.payload.user, template: digits } }
`;
const TEMPLATE = `text: "{{ event.payload.action.id }} {{ event.payload | json }} {{ event.payload.user | mention }}"\n`;

const body = (id: string) =>
  `{"type":"action_created","event_id":${id},"action":{"id":${id}},"team":{"id":${id}},"user":{"id":${id}},"secret":1}`;

let folder: string;
let config: Config;

beforeAll(async () => {
  folder = await copyExample();
  await writeFile(join(folder, 'digits.yaml'), CONFIG);
  await writeFile(join(folder, 'templates', 'digits.yaml'), TEMPLATE);
  config = await loadWith(VARIABLES, join(folder, 'digits.yaml'));
});

afterAll(() => rm(folder, { recursive: true }));

function eventWith(id: string) {
  const [source] = config.sources;
  if (source === undefined) throw new Error('There is no source.');
  return eventFrom(source, body(id), AT).event;
}

describe('an id beyond 2^53', () => {
  it('is what the event is about, what makes it the same, and what fields find', () => {
    for (const id of [ID, NEXT]) {
      expect(eventWith(id)).toMatchObject({ id, subject: id, action: { id, team: id }, actor: { id } });
    }
  });

  it('decides conditions, counts by itself, names people, and is in the message and the explanation', async () => {
    const run = await dryRun(eventWith(ID), config, { at: AT });
    const [one, other, , , direct] = run.routes;
    const text = `${ID} ${body(ID).replace('"secret":1', '"secret":"[redacted]"')} <@U024BE7LH>`;
    expect(one?.deliveries[0]).toMatchObject({ message: { text }, threshold: { key: `["this one","${ID}"]` } });
    expect(other && verdictText(other.verdict)).toBe(
      `event.payload.action.id == ${NEXT} is false (event.payload.action.id is ${ID})`,
    );
    expect(direct?.deliveries[0]).toMatchObject({ target: { to: { id: ID } }, slackUser: 'U024BE7LH' });
    const json = writeJson(explainJson(run));
    expect(json).toContain(`"payload":{"type":"action_created","event_id":${ID},"action":{"id":${ID}}`);
    expect(json).toContain(`{"field":"event.payload.action.id","value":${ID},"missing":null}`);
  });

  it.each([
    ['overflow', 'event.payload.big + 1 > 0 has no value: integer overflow'],
    [
      'no time',
      'timestamp(event.payload.big) > timestamp(event.received_at) has no value: timestamp() requires a valid integer unix timestamp',
    ],
  ])('beyond 64 bits, is the reason why a condition has no value: %s', async (name, said) => {
    const [source] = config.sources;
    if (source === undefined) throw new Error('There is no source.');
    const { event } = eventFrom(source, body(ID).replace('{', '{"big":1180591620717411303424,'), AT);
    const run = await dryRun(event, config, { at: AT });
    const route = run.routes.find((one) => one.name === name);
    expect(route && verdictText(route.verdict)).toContain(`${said} (event.payload.big is 1180591620717411303424`);
  });

  it('is the same in a case, laid over a sample or written out', async () => {
    const file = join(folder, 'digits.test.yaml');
    const expects = `expect: { deliveries: [{ route: this one, text: { contains: "${ID} " } }, {}] }`;
    const event = `{ type: action_created, action: { id: ${ID} }, user: { id: ${ID} } }`;
    await writeFile(
      file,
      `cases:
  - { name: written, event: ${event}, ${expects} }
  - { name: sample, sample: { topic: action_created, with: ${event} }, ${expects} }
`,
    );
    const { cases, problems } = await runCases(file, config, { update: false });
    expect([problems, cases.flatMap(({ failures }) => failures)]).toEqual([[], []]);
  });

  it('comes back from the playground', async () => {
    const site = await startPlayground();
    try {
      const response = await fetch(`${site.url}api/playground`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ event: { source: 'alo', body: body(ID) } }),
      });
      expect(await response.text()).toContain(`"action":{"id":${ID}}`);
    } finally {
      await site.stop();
    }
  });
});
