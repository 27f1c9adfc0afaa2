import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import type { WebhookFacts } from '../../src/core/telemetry.ts';
import { Activity } from '../../src/history/activity.ts';
import type { ActivityBatch } from '../../src/history/live-view.ts';
import type { OverviewView } from '../../src/history/views.ts';
import { ManualClock } from '../helpers/clock.ts';
import { until } from '../helpers/until.ts';
import { type Asking, dashboardApiParts, type Listener, listen, OVERVIEW, TOKEN, withToken } from './listener.ts';

const FACTS: WebhookFacts = {
  ...{ at: 0, outcome: 'accepted', source: 'alo', ms: 1, code: null },
  ...{ eventSeq: 7, topic: 't', subject: '\n\ndata: forged\n\n</script>', title: null, deliveries: 1 },
};

let clock: ManualClock;
let activity: Activity;
let overview: OverviewView;
let listener: Listener;

beforeEach(async () => {
  clock = new ManualClock();
  activity = new Activity(clock);
  overview = OVERVIEW;
  const dashboardApi = dashboardApiParts({ activity, clock, overview: async () => overview });
  listener = await listen(withToken({ clock, dashboardApi }));
});

afterEach(() => listener.close());

const NOTHING: ActivityBatch = { items: [], left_out: 0 };
const BEARER = { headers: { authorization: `Bearer ${TOKEN}` } };

/** The events as they come. */
function watch(response: IncomingMessage) {
  const told: { event: string; data: unknown }[] = [];
  let text = '';
  let ended = false;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      if (event !== undefined && data !== undefined) told.push({ event, data: JSON.parse(data) });
      text = text.slice(end + 2);
    }
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    ended = true;
  });
  return { told, hasEnded: () => ended };
}

function numbers(event: { data: unknown } | undefined): unknown[] {
  const { items } = z.object({ items: z.array(z.object({ number: z.number() })) }).parse(event?.data);
  return items.map(({ number }) => number);
}

async function watching(asking: Asking = BEARER) {
  const response = await listener.open('/api/live', asking);
  const watcher = watch(response);
  await until(() => watcher.told.length > 1);
  return { response, ...watcher };
}

it('begins with how it is, tells what happens at most four times a second, and how it is when that changes', async () => {
  const { told, response } = await watching();
  expect(response.headers['content-type']).toBe('text/event-stream');
  expect(told).toEqual([
    { event: 'recent', data: NOTHING },
    { event: 'overview', data: OVERVIEW },
  ]);
  for (let second = 0; second < 2; second++) {
    activity.webhook(FACTS);
    activity.webhook({ ...FACTS, outcome: 'duplicate', eventSeq: null });
    activity.webhook({ ...FACTS, outcome: 'challenge' });
    await clock.advance(249);
    expect(told).toHaveLength(2 + second);
    await clock.advance(1);
    await until(() => told.length === 3 + second);
  }
  expect(told[2]).toEqual({
    event: 'activity',
    data: {
      items: [
        expect.objectContaining({ kind: 'accepted', number: 7, subject: FACTS.subject }),
        expect.objectContaining({ kind: 'duplicate', number: null }),
      ],
      left_out: 0,
    },
  });
  await clock.advance(4_000);
  overview = { ...OVERVIEW, ready: false };
  await clock.advance(2_000);
  await until(() => told.length === 5);
  expect(told[4]).toEqual({ event: 'overview', data: overview });
});

it('begins with what came before, of which nothing is told twice', async () => {
  for (let n = 1; n <= 45; n++) activity.webhook({ ...FACTS, eventSeq: n });
  const first = await watching();
  expect(numbers(first.told[0])).toEqual(Array.from({ length: 40 }, (_, index) => 6 + index));
  activity.webhook({ ...FACTS, eventSeq: 46 });
  const second = await watching();
  expect(numbers(second.told[0])).toEqual(Array.from({ length: 40 }, (_, index) => 7 + index));
  await until(() => first.told.length === 3);
  activity.webhook({ ...FACTS, eventSeq: 47 });
  await clock.advance(250);
  await until(() => first.told.length === 4 && second.told.length === 3);
  expect([first.told[2], first.told[3], second.told[2]].map(numbers)).toEqual([[46], [47], [47]]);
});

it('a flood is told in part, and counted', async () => {
  const { told } = await watching();
  for (let count = 0; count < 1_000; count++) activity.webhook(FACTS);
  await clock.advance(250);
  await until(() => told.length === 3);
  const batches = told.flatMap(({ event, data }) => (event === 'activity' ? [data] : []));
  expect(batches).toEqual([{ items: expect.any(Array), left_out: 900 } satisfies Record<keyof ActivityBatch, unknown>]);
});

it('who does not read is let go, and the others go on', async () => {
  const slow = connect(listener.port, '127.0.0.1');
  await once(slow, 'connect');
  slow.pause();
  slow.on('error', () => undefined);
  slow.write(`GET /api/live HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
  const { told } = await watching();
  const large = { ...FACTS, subject: 's'.repeat(10_000) };
  let batches = 0;
  // As much as the system keeps for a connection that is not read, and then as much as we do.
  await until(async () => {
    for (let count = 0; count < 100; count++) activity.webhook(large);
    await clock.advance(250);
    batches += 1;
    return slow.readableLength > 0 && batches >= 40;
  });
  const closed = once(slow, 'close');
  slow.resume();
  await closed;
  await until(() => told.length > batches / 2);
  activity.webhook(FACTS);
  const before = told.length;
  await clock.advance(250);
  await until(() => told.length > before);
});

it('who signs out is told no more', async () => {
  const origin = { origin: `http://localhost:${listener.port}` };
  const headers = { 'content-type': 'application/json', ...origin };
  const signedIn = await listener.ask('/api/session', {
    method: 'POST',
    headers,
    body: JSON.stringify({ token: TOKEN }),
  });
  const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const { hasEnded } = await watching({ headers: { cookie } });
  await clock.advance(20_000);
  expect(hasEnded()).toBe(false);
  await listener.ask('/api/session', { method: 'DELETE', headers: { cookie, ...origin } });
  await clock.advance(20_000);
  await until(hasEnded);
});

it('nobody watches: nothing is gathered, and no timer waits', async () => {
  activity.webhook(FACTS);
  expect(clock.waiting).toBe(0);
  const { response } = await watching();
  activity.webhook(FACTS);
  expect(clock.waiting).toBe(2);
  response.destroy();
  await until(() => clock.waiting === 0);
});

it('HEAD is answered at once', async () => {
  const { status } = await listener.ask('/api/live', { ...BEARER, method: 'HEAD' });
  expect([status, clock.waiting]).toEqual([200, 0]);
});

it('a bounded number of pages is told', async () => {
  const watchers = await Promise.all(Array.from({ length: 100 }, () => listener.open('/api/live', BEARER)));
  const refused = await listener.ask('/api/live', BEARER);
  expect([refused.status, refused.answer.error.code]).toEqual([503, 'too-many-watchers']);
  for (const watcher of watchers) watcher.destroy();
  await until(async () => {
    const response = await listener.open('/api/live', BEARER);
    response.destroy();
    return response.statusCode === 200;
  });
});
