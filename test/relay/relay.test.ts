import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refused } from '../../src/core/outcome.ts';
import { settle } from '../helpers/clock.ts';
import { makeEvent } from '../helpers/events.ts';
import { AWAY, LOST } from '../helpers/gateway.ts';
import { openRelay, type RelayUnderTest } from '../helpers/relay.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const CONFIG = `
retention: 7d
slack: { token: xoxb-1, fallback_channel: "#problems" }
delivery: { per_channel: { per_second: 100, burst: 100 }, merge: false }
routes: [{ name: all, post: { channel: "#c{{ event.payload.data.channel }}", template: t } }]
`;

let relay: RelayUnderTest;

beforeEach(async () => {
  relay = await openRelay(CONFIG);
});

afterEach(() => relay.close());

const send = (n: number, channel = 'a') => relay.send({ n, channel });

describe('an outage of an hour', () => {
  it.each([
    ['Slack is away', AWAY],
    ['nobody knows what arrives', LOST],
  ])('when %s loses nothing, and everything comes in order afterwards', async (_, failure) => {
    relay.slack.down = failure;
    for (let n = 0; n < 30; n++) await send(n, n % 2 === 0 ? 'a' : 'b');
    for (let minute = 0; minute < 60; minute++) await relay.clock.advance(60_000);
    expect(relay.slack.standing).toEqual([]);
    await relay.stop();
    relay.slack.down = null;
    await relay.start();
    for (let minute = 0; minute < 10; minute++) await relay.clock.advance(60_000);
    const even = Array.from({ length: 15 }, (_, index) => String(index * 2));
    expect([relay.slack.texts('#ca'), relay.slack.texts('#cb')]).toEqual([
      even,
      even.map((n) => String(Number(n) + 1)),
    ]);
    expect(await relay.journal.tally()).toMatchObject({ sent: 30, pending: 0, sending: 0 });
  });
});

describe('a revoked token', () => {
  it('pauses every lane, keeps accepting, and all goes on by itself when Slack takes it again', async () => {
    relay.slack.down = refused('credential', 'token_revoked', 'Install the app again.');
    for (let n = 0; n < 10; n++) await send(n, String(n));
    expect(relay.health.trouble()).toMatchObject({ code: 'token_revoked' });
    for (let hour = 0; hour < 48; hour++) await relay.clock.advance(HOUR_MS);
    expect(await relay.journal.tally()).toMatchObject({ dead: 0, sent: 0, pending: 10 });
    relay.slack.down = null;
    await relay.clock.advance(30_000);
    await settle();
    expect(relay.health.trouble()).toBeNull();
    expect(await relay.journal.tally()).toMatchObject({ sent: 10 });
    expect(relay.log.filter((line) => line.includes('Slack rejects the token'))).toHaveLength(1);
  });
});

describe('reports', () => {
  const ARCHIVED = refused('destination', 'is_archived', 'The channel is archived: unarchive it.');
  const told = () => relay.slack.texts('#problems');

  it('a broken channel is one message, whose count goes up', async () => {
    for (let n = 0; n < 100; n++) {
      relay.slack.fail(ARCHIVED);
      await send(n);
      if (n === 40) await relay.clock.advance(60_000);
    }
    await relay.clock.advance(120_000);
    expect(told()).toHaveLength(1);
    const updates = relay.slack.calls.filter((call) => call.startsWith('update'));
    expect(updates.at(-1)).toContain('*100 messages* to *#ca* did not arrive');
    expect(updates.at(-1)).toContain('The channel is archived');
    expect(updates.length).toBeLessThan(8);
  });

  it('leads to the dashboard, if the config says where that is', async () => {
    relay.slack.fail(ARCHIVED);
    await send(1);
    await relay.clock.advance(60_000);
    expect(told()[0]).not.toContain('dashboard');
    await relay.close();
    relay = await openRelay(CONFIG.replace('slack: {', 'slack: { admin_url: "https://ops.example.com/a&b|c//",'));
    for (const n of [1, 2]) {
      relay.slack.fail(ARCHIVED);
      await send(n);
      await relay.clock.advance(60_000);
    }
    const base = 'https://ops.example.com/a&amp;b%7Cc/#';
    const all = `<${base}/problems?state=dead|What was not delivered>`;
    expect(told()[0]).toMatch(/`alo-relay replay --dead` sends them again\.\nOn the dashboard: /);
    expect(told()[0]).toContain(`<${base}/events/1|The event> · ${all}`);
    expect(relay.slack.calls.at(-1)).toContain(`<${base}/events/3|The newest event> · ${all}`);
  });

  it('other channels and reasons are messages of their own, and another day is too', async () => {
    relay.slack.fail(ARCHIVED);
    await send(1);
    relay.slack.fail(refused('payload', 'no_text', 'Empty.'));
    await send(2);
    relay.slack.fail(ARCHIVED);
    await send(3, 'b');
    await relay.clock.advance(60_000);
    expect(told()).toHaveLength(3);
    await relay.clock.advance(DAY_MS);
    relay.slack.fail(ARCHIVED);
    await send(4);
    await relay.clock.advance(60_000);
    expect(told().at(-1)).toContain('*One message* to *#ca*');
  });

  it('what could not be told before a restart is told after it, once', async () => {
    relay.slack.fail(ARCHIVED);
    await send(1);
    await relay.stop();
    await relay.start();
    await relay.clock.advance(60_000);
    await relay.stop();
    await relay.start();
    await relay.clock.advance(60_000);
    expect(told()).toHaveLength(1);
  });

  it('what another instance listed and did not live to tell is told all the same', async () => {
    await relay.clock.advance(60_000);
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
    const dedupe = { key: 'elsewhere', keepUntil: relay.clock.now() + DAY_MS };
    const stored = await relay.journal.accept({ event, body, dedupe, deliveries, receivedAt: relay.clock.now() });
    if (stored.kind !== 'accepted') throw new Error('it is new');
    const [seq] = stored.seqs;
    if (typeof seq !== 'number') throw new Error('it is made');
    await relay.journal.complete({
      seq,
      state: 'dead',
      at: relay.clock.now(),
      reason: { code: 'is_archived', detail: 'Archived.' },
    });
    await relay.clock.advance(6 * 60_000);
    expect(told()).toHaveLength(1);
  });

  it('a report that is refused is not reported', async () => {
    relay.slack.fail(ARCHIVED);
    await send(1);
    relay.slack.fail(ARCHIVED);
    for (let minute = 0; minute < 10; minute++) await relay.clock.advance(60_000);
    expect(relay.slack.calls.filter((call) => call.startsWith('post #problems'))).toHaveLength(1);
    expect(await relay.journal.tally()).toMatchObject({ dead: 2 });
  });
});

describe('retention', () => {
  it('removes what has ended and is old, a little at a time; what is listed stays', async () => {
    relay.slack.fail(refused('payload', 'no_text', 'Empty.'));
    for (let n = 0; n < 500; n++) await send(n, String(n % 20));
    await relay.clock.advance(60_000);
    expect(await relay.journal.tally()).toMatchObject({ sent: 500, dead: 1 });
    for (let day = 0; day < 8; day++) await relay.clock.advance(DAY_MS);
    expect(await relay.journal.tally()).toMatchObject({ sent: 0, dead: 1 });
    expect(await relay.journal.events({ limit: 600 })).toHaveLength(1);
  });
});
