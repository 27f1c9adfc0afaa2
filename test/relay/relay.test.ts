import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { streamLogger } from '../../src/core/log.ts';
import { type Failure, refused } from '../../src/core/outcome.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import { createRelay, type Relay } from '../../src/relay/relay.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { makeEvent } from '../helpers/events.ts';
import { ScriptedSlack } from '../helpers/gateway.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let folder: string;
let config: Config;
let journal: Journal;
let slack: ScriptedSlack;
let clock: ManualClock;
let relay: Relay;
let log: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  await mkdir(join(folder, 'templates'));
  await writeFile(join(folder, 'templates', 't.yaml'), 'text: "{{ event.payload.data.n }}"');
  const file = join(folder, 'config.yaml');
  await writeFile(
    file,
    `sources: { allo: { type: allo, secrets: ["${SECRET}"] } }
retention: 7d
slack: { token: xoxb-1, fallback_channel: "#problems" }
delivery: { per_channel: { per_second: 100, burst: 100 }, merge: false }
routes: [{ name: all, post: { channel: "#c{{ event.payload.data.channel }}", template: t } }]
`,
  );
  const loaded = await loadConfig(file, {});
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.problems));
  config = loaded.config;
  slack = new ScriptedSlack();
  clock = new ManualClock();
  log = [];
  await start();
});

afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  journal = await openJournalInProcess(join(folder, 'relay.db'));
  const logger = streamLogger({ write: (line: string) => log.push(line) });
  relay = createRelay({ config, journal, gateway: slack, clock, random: () => 0.5, log: logger });
  await relay.resume();
  relay.start();
  await settle();
}

async function stop(): Promise<void> {
  await relay.stop();
  await journal.close();
}

let messages = 0;

async function send(n: number, channel = 'a'): Promise<void> {
  const source = config.sources[0];
  if (source === undefined) throw new Error('one source is expected');
  const body = JSON.stringify({ topic: 'call.received', data: { n, channel } });
  const headers = source.sign({ body, messageId: `msg_${++messages}`, nowMs: clock.now() });
  const answer = await relay.accept(source, { headers, body: Buffer.from(body) });
  expect(answer.kind).toBe('accepted');
  await settle();
}

/** What stands in a channel, in order. */
function shown(channel: string): string[] {
  return slack.standing.filter(({ posting }) => posting.channel === channel).map(({ posting }) => posting.message.text);
}

describe('an outage of an hour', () => {
  const AWAY: Failure = { kind: 'retry', limited: false, reason: { code: 'connection_refused', detail: '' } };
  const LOST: Failure = { kind: 'unknown', reason: { code: 'http_502', detail: '' } };

  it.each([
    ['Slack is away', AWAY],
    ['nobody knows what arrives', LOST],
  ])('when %s loses nothing, and everything comes in order afterwards', async (_, failure) => {
    slack.down = failure;
    for (let n = 0; n < 30; n++) await send(n, n % 2 === 0 ? 'a' : 'b');
    for (let minute = 0; minute < 60; minute++) await clock.advance(60_000);
    expect(slack.standing).toEqual([]);
    await stop();
    slack.down = null;
    await start();
    for (let minute = 0; minute < 10; minute++) await clock.advance(60_000);
    const even = Array.from({ length: 15 }, (_, index) => String(index * 2));
    expect([shown('#ca'), shown('#cb')]).toEqual([even, even.map((n) => String(Number(n) + 1))]);
    expect(await journal.tally()).toMatchObject({ sent: 30, pending: 0, sending: 0 });
  });
});

describe('a revoked token', () => {
  it('pauses every lane, keeps accepting, and all goes on by itself when Slack takes it again', async () => {
    slack.down = refused('credential', 'token_revoked', 'Install the app again.');
    for (let n = 0; n < 10; n++) await send(n, String(n));
    expect(relay.health.trouble()).toMatchObject({ code: 'token_revoked' });
    for (let hour = 0; hour < 48; hour++) await clock.advance(HOUR_MS);
    expect(await journal.tally()).toMatchObject({ dead: 0, sent: 0, pending: 10 });
    slack.down = null;
    await clock.advance(30_000);
    await settle();
    expect(relay.health.trouble()).toBeNull();
    expect(await journal.tally()).toMatchObject({ sent: 10 });
    expect(log.filter((line) => line.includes('Slack refuses us'))).toHaveLength(1);
  });
});

describe('reports', () => {
  const ARCHIVED = refused('destination', 'is_archived', 'The channel is archived: unarchive it.');

  it('a broken channel is one message, whose count goes up', async () => {
    for (let n = 0; n < 100; n++) {
      slack.fail(ARCHIVED);
      await send(n);
      if (n === 40) await clock.advance(60_000);
    }
    await clock.advance(120_000);
    expect(shown('#problems')).toHaveLength(1);
    const updates = slack.calls.filter((call) => call.startsWith('update'));
    expect(updates.at(-1)).toContain('*100 messages* to *#ca* did not arrive');
    expect(updates.at(-1)).toContain('The channel is archived');
    expect(updates.length).toBeLessThan(8);
  });

  it('other channels and reasons are messages of their own, and another day is too', async () => {
    slack.fail(ARCHIVED);
    await send(1);
    slack.fail(refused('payload', 'no_text', 'Empty.'));
    await send(2);
    slack.fail(ARCHIVED);
    await send(3, 'b');
    await clock.advance(60_000);
    expect(shown('#problems')).toHaveLength(3);
    await clock.advance(DAY_MS);
    slack.fail(ARCHIVED);
    await send(4);
    await clock.advance(60_000);
    expect(shown('#problems').at(-1)).toContain('*One message* to *#ca*');
  });

  it('what could not be told before a restart is told after it, once', async () => {
    slack.fail(ARCHIVED);
    await send(1);
    await stop();
    await start();
    await clock.advance(60_000);
    await stop();
    await start();
    await clock.advance(60_000);
    expect(shown('#problems')).toHaveLength(1);
  });

  it('what another instance listed and did not live to tell is told all the same', async () => {
    await clock.advance(60_000);
    const deliveries = [
      {
        lane: 'channel:#cx',
        route: 'all',
        target: { verb: 'post', channel: '#cx', template: 't' },
        state: 'pending',
      } as const,
    ];
    const { payload, ...event } = makeEvent();
    const body = Buffer.from(JSON.stringify(payload));
    const dedupe = { key: 'elsewhere', keepUntil: clock.now() + DAY_MS };
    const stored = await journal.accept({ event, body, dedupe, deliveries, receivedAt: clock.now() });
    if (stored.kind !== 'accepted') throw new Error('it is new');
    const [seq] = stored.seqs;
    if (typeof seq !== 'number') throw new Error('it is made');
    await journal.settle({ seq, state: 'dead', at: clock.now(), reason: { code: 'is_archived', detail: 'Archived.' } });
    await clock.advance(6 * 60_000);
    expect(shown('#problems')).toHaveLength(1);
  });

  it('a report that is refused is not reported', async () => {
    slack.fail(ARCHIVED);
    await send(1);
    slack.fail(ARCHIVED);
    for (let minute = 0; minute < 10; minute++) await clock.advance(60_000);
    expect(slack.calls.filter((call) => call.startsWith('post #problems'))).toHaveLength(1);
    expect(await journal.tally()).toMatchObject({ dead: 2 });
  });
});

describe('retention', () => {
  it('removes what has ended and is old, a little at a time; what is listed stays', async () => {
    slack.fail(refused('payload', 'no_text', 'Empty.'));
    for (let n = 0; n < 500; n++) await send(n, String(n % 20));
    await clock.advance(60_000);
    expect(await journal.tally()).toMatchObject({ sent: 500, dead: 1 });
    for (let day = 0; day < 8; day++) await clock.advance(DAY_MS);
    expect(await journal.tally()).toMatchObject({ sent: 0, dead: 1 });
    expect(await journal.events({ limit: 600 })).toHaveLength(1);
  });
});
