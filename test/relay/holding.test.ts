import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLogger } from '../../src/core/log.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import { createRelay, type Relay } from '../../src/relay/relay.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { ScriptedSlack } from '../helpers/gateway.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const HOUR_MS = 3_600_000;

let folder: string;
let config: Config;
let journal: Journal;
let slack: ScriptedSlack;
let clock: ManualClock;
let relay: Relay;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  await mkdir(join(folder, 'templates'));
  await writeFile(join(folder, 'templates', 't.yaml'), 'text: "chat {{ event.payload.data.n }}"');
  await writeFile(
    join(folder, 'templates', 'digest.yaml'),
    `text: "{{ event.payload.count }} of them: {{ event.payload.lines | map: 'text' | join: ', ' }}"`,
  );
  slack = new ScriptedSlack();
});

afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

async function start(at: string, routes: string): Promise<void> {
  const file = join(folder, 'config.yaml');
  await writeFile(
    file,
    `sources: { allo: { type: allo, secrets: ["${SECRET}"] } }
slack: { token: xoxb-1 }
people: { map: { maria: U00000001, kenji: U00000002 } }
delivery: { per_channel: { per_second: 100, burst: 100 } }
quiet_hours:
  nights: { timezone: Europe/Paris, from: "19:00", to: "08:00" }
  theirs: { timezone: recipient, from: "20:00", to: "08:00" }
routes:
${routes}`,
  );
  const loaded = await loadConfig(file, {});
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.problems));
  config = loaded.config;
  clock = new ManualClock(Date.parse(at));
  await restart();
}

async function restart(): Promise<void> {
  journal = await openJournalInProcess(join(folder, 'relay.db'));
  relay = createRelay({ config, journal, gateway: slack, clock, random: () => 0.5, log: silentLogger });
  await relay.resume();
  relay.start();
  await settle();
}

async function stop(): Promise<void> {
  await relay.stop();
  await journal.close();
}

let messages = 0;

async function send(data: Readonly<Record<string, unknown>>): Promise<void> {
  const source = config.sources[0];
  if (source === undefined) throw new Error('one source is expected');
  const body = JSON.stringify({ topic: 'call.received', data });
  const headers = source.sign({ body, messageId: `msg_${++messages}`, nowMs: clock.now() });
  const answer = await relay.accept(source, { headers, body: Buffer.from(body) });
  expect(answer.kind).toBe('accepted');
  await settle();
}

const shown = () => slack.standing.map(({ posting: { channel, message } }) => `${channel} ${message.text}`);

const QUIET =
  '  - { name: all, quiet_hours: nights, urgent: event.payload.data.urgent == true, post: { channel: "#a", template: t } }';

describe('quiet hours', () => {
  it('hold back what is not urgent, and let it out together when they end', async () => {
    await start('2026-03-02T17:59:00Z', QUIET);
    await send({ n: 1 });
    await clock.advance(2 * 60_000);
    await send({ n: 2 });
    await send({ n: 3, urgent: true });
    await send({ n: 4 });
    expect(shown()).toEqual(['#a chat 1', '#a chat 3']);
    await clock.advance(12 * HOUR_MS);
    expect(await journal.tally()).toMatchObject({ held: 2 });
    await clock.advance(HOUR_MS);
    expect(shown()).toHaveLength(3);
    expect(shown()[2]).toContain('*2 messages*');
    expect(shown()[2]).toMatch(/• chat 2\n• chat 4$/);
    expect(await journal.tally()).toMatchObject({ held: 0, merged: 2, sent: 2 });
    await send({ n: 5 });
    expect(shown().at(-1)).toBe('#a chat 5');
  });

  it('survive a restart, and one that comes after they ended', async () => {
    await start('2026-03-02T20:00:00Z', QUIET);
    await send({ n: 1 });
    await stop();
    await clock.advance(24 * HOUR_MS);
    await restart();
    expect(shown()).toEqual(['#a chat 1']);
  });

  it('a clock that is set does not keep anything in', async () => {
    await start('2026-03-02T20:00:00Z', QUIET);
    await send({ n: 1 });
    clock.step(13 * HOUR_MS);
    await clock.advance(31_000);
    expect(shown()).toEqual(['#a chat 1']);
  });

  it('a card is brought up to date, not told twice', async () => {
    await start('2026-03-02T17:00:00Z', '  - { name: all, quiet_hours: nights, card: { channel: "#a", template: t } }');
    for (const n of [1, 2, 3]) {
      await send({ id: 'cll_1', n });
      await clock.advance(2 * HOUR_MS);
    }
    await clock.advance(12 * HOUR_MS);
    expect(slack.calls.filter((call) => /^(post|update)/.test(call))).toEqual([
      'post #a chat 1',
      'update Ca/1.0 chat 3',
    ]);
  });

  it("in the reader's own zone", async () => {
    slack.zones.set('U00000001', 'Europe/Paris').set('U00000002', 'Asia/Tokyo');
    await start(
      '2026-03-02T13:00:00Z',
      '  - { name: tell, quiet_hours: theirs, dm: { to: event.payload.data.to, template: t } }',
    );
    await send({ n: 1, to: ['maria', 'kenji'] });
    await send({ n: 2, to: ['kenji'] });
    expect(shown()).toEqual(['DU00000001 chat 1']);
    await clock.advance(10 * HOUR_MS);
    expect(shown()).toHaveLength(2);
    expect(shown()[1]).toMatch(/^DU00000002 [\s\S]*• chat 1\n• chat 2$/);
  });
});

describe('a threshold', () => {
  it('is told once, with how many and since when, and again only after it has calmed down', async () => {
    await start(
      '2026-03-02T09:00:00Z',
      '  - { name: storm, at_least: { count: 3, within: 10m, per: event.payload.data.line }, post: { channel: "#a", template: t } }',
    );
    for (let n = 1; n <= 8; n++) await send({ n, line: 'x' });
    await send({ n: 9, line: 'y' });
    expect(shown()).toEqual([
      `#a chat 3\n_3 times since <!date^${Date.parse('2026-03-02T09:00:00Z') / 1000}^{time}|2026-03-02T09:00:00.000Z>_`,
    ]);
    await clock.advance(9 * 60_000);
    await send({ n: 10, line: 'x' });
    await stop();
    await restart();
    await clock.advance(21 * 60_000);
    for (let n = 11; n <= 13; n++) await send({ n, line: 'x' });
    expect(shown()).toHaveLength(2);
    expect(shown()[1]).toContain('chat 13\n_3 times');
  });
});

describe("a route's own digest", () => {
  it('is rendered by its template', async () => {
    await start(
      '2026-03-02T20:00:00Z',
      '  - { name: all, quiet_hours: nights, merge: { template: digest }, post: { channel: "#a", template: t } }',
    );
    for (let n = 1; n <= 3; n++) await send({ n });
    await clock.advance(13 * HOUR_MS);
    expect(shown()).toEqual(['#a 3 of them: chat 1, chat 2, chat 3']);
  });
});
