import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { dryRun } from '../../src/dry-run/dry-run.ts';
import { chooseSample, chooseSource, eventFrom, overlay } from '../../src/dry-run/event.ts';
import { verdictText } from '../../src/dry-run/wording.ts';
import { plan } from '../../src/routing/plan.ts';
import { makeEvent } from '../helpers/events.ts';
import { copyExample, loadWith, SECRET, VARIABLES } from '../helpers/example.ts';

const NOON = Date.parse('2026-03-03T11:00Z');
const NIGHT = Date.parse('2026-03-03T22:00Z');

let folder: string;
let example: Config;

beforeAll(async () => {
  folder = await copyExample();
  example = await loadWith(VARIABLES);
});

afterAll(() => rm(folder, { recursive: true }));

/** A config with an `alo` source and these routes. */
async function withRoutes(routes: string, more = ''): Promise<Config> {
  const file = join(folder, 'with-routes.yaml');
  const sources = `sources:\n  alo: { type: alo, secrets: ["${SECRET}"] }\n  allo: { type: allo, secrets: ["${SECRET}"] }\n`;
  await writeFile(file, `${sources}${more}routes:\n${routes.replaceAll(/^/gm, '  ')}\n`);
  return loadWith(VARIABLES, file);
}

function sample(topic: string, { story = 0, at = NOON }: { story?: number; at?: number } = {}) {
  const choice = chooseSample({ topic, name: undefined }, example.sources);
  if (!choice.ok) throw new Error(choice.problem);
  const body = JSON.stringify(choice.value.sample.build({ index: story, nowMs: at }));
  return eventFrom(choice.value.source, body, at).event;
}

describe('a dry run', () => {
  it('makes the very deliveries that the service would, for every sample at any hour', async () => {
    for (const source of example.sources) {
      for (const { build } of source.type.samples) {
        for (const at of [NOON, NIGHT]) {
          const { event } = eventFrom(source, JSON.stringify(build({ index: 1, nowMs: at })), at);
          const { routes } = await dryRun(event, example, { at });
          const made = routes.flatMap(({ deliveries }) =>
            deliveries.map(({ route, target, heldUntil, threshold }) => ({ route, target, heldUntil, threshold })),
          );
          const planned = plan(event, example.routes, {
            now: at,
            maxPerEvent: 100,
            personKey: ({ email }) => email ?? '',
          }).deliveries;
          expect(made).toEqual(
            planned.map(({ route, target, heldUntil = null, threshold = null }) => ({
              route,
              target,
              heldUntil,
              threshold,
            })),
          );
          expect(made.length).toBeGreaterThan(0);
        }
      }
    }
  });

  it('says of each route why', async () => {
    const config = await withRoutes(`
- { name: other sender, source: allo, post: { channel: "#a", template: any_event } }
- { name: other topic, on: "call.*", post: { channel: "#a", template: any_event } }
- { name: not done, when: 'event.action.status == "Completed" && event.topic != ""', post: { channel: "#a", template: any_event } }
- { name: nothing there, when: event.payload.extra.vip == true, post: { channel: "#a", template: any_event } }
- { name: mute, when: 'event.action.priority in ["Critical"]', stop: true }
- { name: rest, unmatched: true, post: { channel: "#a", template: any_event } }`);
    const { routes } = await dryRun(sample('action_created'), config, { at: NOON });
    expect(routes.map(({ name, verdict }) => [name, verdict.kind, verdictText(verdict)])).toEqual([
      ['other sender', 'other-source', 'only from allo'],
      ['other topic', 'other-topic', 'another topic'],
      ['not done', 'condition', 'event.action.status == "Completed" is false (event.action.status is "Open")'],
      [
        'nothing there',
        'condition',
        'event.payload.extra.vip == true has no value (there is no "extra" in event.payload)',
      ],
      ['mute', 'taken', 'event.action.priority in ["Critical"] (event.action.priority is "Critical")'],
      ['rest', 'stopped', 'not reached: "mute" ends the reading'],
    ]);
    const calm = await dryRun(sample('action_created', { story: 1 }), config, { at: NOON });
    expect(calm.routes.map(({ verdict }) => verdict.kind).slice(-2)).toEqual(['condition', 'taken']);
  });

  it('says of each delivery what would go wrong', async () => {
    const config = await withRoutes(
      `
- { name: card, on: action_created, card: { channel: "#team-{{ event.action.team | slug }}", template: any_event } }
- { name: empty, on: action_created, post: { channel: "{{ event.action.type }}", template: any_event } }
- { name: tick, on: action_created, react: { channel: "#a", emoji: tada } }
- { name: stick, on: action_created, pin: { channel: "#a" } }
- { name: who, on: action_created, dm: { to: '["maria@example.com", "someone"]', template: any_event } }
- { name: nobody, on: action_created, dm: { to: event.assignees.added, template: any_event } }`,
      'people: { map: { maria@example.com: U0MARIA0 } }\n',
    );
    const { routes } = await dryRun(makeEvent({ subject: null }), config, { at: NOON });
    const deliveries = routes.flatMap((route) => route.deliveries);
    expect(deliveries.map(({ route, fault, slackUser, remarks }) => [route, fault, slackUser, remarks.length])).toEqual(
      [
        ['card', null, undefined, 1],
        ['empty', 'The channel comes out empty for this event.', undefined, 0],
        ['tick', expect.stringContaining('no card to react to'), undefined, 0],
        ['stick', expect.stringContaining('no card to pin'), undefined, 0],
        ['who', null, 'U0MARIA0', 0],
        ['who', expect.stringContaining('Nobody in Slack'), null, 0],
      ],
    );
    expect(routes.at(-1)?.notes).toEqual(['dm.to found nobody.']);
  });

  it('holds by the clock of the reader, where that is known, and lets through what is urgent', async () => {
    const config = await withRoutes(
      `
- dm: { to: event.assignees.added, template: any_event }
  quiet_hours: theirs
  urgent: event.action.priority == "Critical"`,
      'quiet_hours: { theirs: { timezone: recipient, from: "19:00", to: "08:00" } }\n',
    );
    const event = sample('action_assignment_changed', { story: 1 });
    const held = async (zone: string | null, of = event) => {
      const { routes } = await dryRun(of, config, { at: NOON, zoneOf: () => zone });
      const [delivery] = routes[0]?.deliveries ?? [];
      return [delivery?.heldUntil && new Date(delivery.heldUntil).toISOString(), delivery?.remarks.length];
    };
    expect(await held('Asia/Tokyo')).toEqual(['2026-03-03T23:00:00.000Z', 0]);
    expect(await held('Europe/Paris')).toEqual([null, 0]);
    expect(await held(null)).toEqual([null, 1]);
    expect(await held('Asia/Tokyo', sample('action_assignment_changed'))).toEqual([null, 0]);
  });

  it('tells what is urgent about a message in the night, and what is not', async () => {
    const told = async (story: number) => {
      const { routes } = await dryRun(sample('action_assignment_changed', { story, at: NIGHT }), example, {
        at: NIGHT,
      });
      const { quiet, deliveries } = routes.find(({ name }) => name === 'tell the assignee') ?? {};
      return [quiet?.urgent?.evaluation, quiet?.passes, deliveries?.map(({ heldUntil }) => heldUntil)];
    };
    expect(await told(0)).toEqual([{ ok: true, value: true }, true, [null]]);
    expect(await told(1)).toEqual([{ ok: true, value: false }, false, [Date.parse('2026-03-04T07:00Z')]]);
  });

  it('a template that fails is told, and breaks nothing else', async () => {
    await writeFile(
      join(folder, 'templates/failing.yaml'),
      'text: "{{ 1 | divided_by: 0 }}{% for i in (1..100000000) %}{{ i }}{% endfor %}"\n',
    );
    const config = await withRoutes(`
- { post: [{ channel: "#a", template: failing }, { channel: "#b", template: any_event }] }`);
    const [route] = (await dryRun(sample('action_created'), config, { at: NOON })).routes;
    expect(route?.deliveries.map(({ fault, message }) => [fault !== null, message !== null])).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});

describe('an event to try', () => {
  it('is the same each time, and read by the source of its sender', () => {
    const body = JSON.stringify({ type: 'action_created', action: { id: 7, title: 'T' } });
    const [alo] = example.sources;
    if (alo === undefined) throw new Error('no source');
    const { event } = eventFrom(alo, body, NOON);
    expect(event).toEqual(eventFrom(alo, body, NOON).event);
    expect(event).toMatchObject({
      source: 'alo',
      topic: 'action_created',
      subject: '7',
      received_at: '2026-03-03T11:00:00.000Z',
    });
    expect(eventFrom(alo, '{"type":"webhook_url_verification","challenge":"c"}', NOON).handshake).toBe(true);
    expect(eventFrom(alo, 'no JSON', NOON).event.payload).toBe('no JSON');
  });

  it.each([
    ['{"type":"action_created"}', undefined, 'alo'],
    ['{"topic":"call.received","data":{}}', undefined, 'allo'],
    ['{"topic":"call.received","data":{}}', 'alo', 'alo'],
    ['{}', undefined, 'Several sources may have sent this. Name one: alo, allo.'],
    ['{}', 'ala', 'There is no source "ala". Did you mean "alo"? Sources: alo, allo.'],
  ])('%s from %s: %s', (body, name, expected) => {
    const choice = chooseSource({ name, body }, example.sources);
    expect(choice.ok ? choice.value.name : choice.problem).toBe(expected);
  });

  it('lays values over a payload', () => {
    expect(overlay({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3], e: null }, f: {} })).toEqual({
      a: { b: 1, c: [3], e: null },
      d: 1,
      f: {},
    });
    const polluted = overlay({}, JSON.parse('{"__proto__": {"x": 1}}'));
    expect([
      Object.getPrototypeOf(polluted) === Object.prototype,
      Object.hasOwn(Object(polluted), '__proto__'),
    ]).toEqual([true, true]);
  });
});
