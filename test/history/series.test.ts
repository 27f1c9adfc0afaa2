import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AttemptFacts, WebhookFacts } from '../../src/core/telemetry.ts';
import { LatencyHistogram } from '../../src/history/latency-histogram.ts';
import { Series } from '../../src/history/series.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { ManualClock } from '../helpers/clock.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { REASON, stored } from '../journal/samples.ts';

const MINUTE_MS = 60_000;

let folder: string;
let journal: Journal;
let clock: ManualClock;

const open = () => openSqliteJournal(join(folder, 'relay.db'));
const seriesOf = (instance: string) => new Series({ journal, instance, clock });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'));
  journal = await open();
  clock = new ManualClock();
});

afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

const webhook = (changes: Partial<WebhookFacts>): WebhookFacts => ({
  ...{ at: clock.now(), outcome: 'accepted', source: 'alo', ms: 4, code: null },
  ...{ eventSeq: 1, topic: 't', subject: null, title: null, deliveries: 1 },
  ...changes,
});

const attempt = (changes: Partial<AttemptFacts>): AttemptFacts => ({
  ...{ at: clock.now(), ms: 1, state: 'sent', code: null, verb: 'post', lane: 'l', route: 'r', delivery: 1 },
  ...{ source: 'alo', topic: 't', subject: null, title: null, destination: null, eventSeq: 1, deliveries: 1 },
  acceptedAt: clock.now() - 200,
  ...changes,
});

it('counts events and endings from the rows, and from here what leaves none', async () => {
  const now = clock.now();
  const series = seriesOf('a');
  await stored(journal, { key: 'before', receivedAt: now - 1 });
  const [, sent = 0, dead = 0] = await stored(journal, { key: 'a', receivedAt: now, lanes: ['#a', '#b'] });
  await stored(journal, { key: 'report', receivedAt: now, event: { source: '~relay' } });
  await journal.complete({ seq: sent, state: 'sent', at: now }, { seq: dead, state: 'dead', at: now, reason: REASON });
  for (const outcome of ['accepted', 'duplicate', 'refused', 'challenge'] as const)
    series.webhook(webhook({ outcome }));
  for (const state of ['sent', 'dead', 'superseded', null] as const) series.attempt(attempt({ state }));
  series.attempt(attempt({ state: null, deliveries: 60 }));
  const { points, step_seconds: step } = await series.view(3);
  expect(step).toBe(60);
  expect(points.map(({ at }) => at.slice(11, 16))).toEqual(['08:58', '08:59', '09:00']);
  expect(points[0]).toMatchObject({ accepted: 0, sent: 0, accept_p99_ms: null, delivery_p50_ms: null });
  expect(points[1]).toMatchObject({ accepted: 1, duplicate: 0 });
  expect(points[2]).toEqual({
    at: '2026-03-02T09:00:00.000Z',
    ...{ accepted: 1, duplicate: 1, refused: 1, sent: 1, merged: 0, dead: 1, parked: 0, retried: 2 },
    ...{ accept_p50_ms: 4, accept_p99_ms: 4, delivery_p50_ms: 220, delivery_p99_ms: 220 },
  });
});

it('every instance shows what all of them counted, and what those before them did', async () => {
  const [a, b] = [seriesOf('a'), seriesOf('b')];
  a.webhook(webhook({ outcome: 'refused', ms: 1 }));
  b.webhook(webhook({ outcome: 'refused' }));
  b.attempt(attempt({ acceptedAt: clock.now() - 4_000 }));
  // Kept without anybody asking: this is what a process that is killed then leaves.
  await clock.advance(2_000);
  a.webhook(webhook({ outcome: 'refused' }));
  await a.close();
  await journal.close();
  journal = await open();
  const [point] = (await seriesOf('c').view(1)).points;
  expect(point).toMatchObject({ refused: 3, delivery_p50_ms: 4_000 });
});

it('what the journal cannot keep now is kept later', async () => {
  let away = true;
  const countMinutes: Journal['countMinutes'] = (...rows) =>
    away ? Promise.reject(new Error('away')) : journal.countMinutes(...rows);
  const series = new Series({ journal: { ...journal, countMinutes }, instance: 'a', clock });
  series.webhook(webhook({ outcome: 'refused' }));
  await clock.advance(10 * MINUTE_MS);
  series.webhook(webhook({ outcome: 'refused' }));
  away = false;
  await clock.advance(2_000);
  expect(clock.waiting).toBe(0);
  const { counted } = await journal.minutes(0);
  expect(counted.map(({ counted: kept }) => JSON.parse(kept).refused)).toEqual([1, 1]);
});

it('what another version kept is read as far as it is understood', async () => {
  const at = clock.now();
  await journal.countMinutes({ at, instance: 'newer', counted: '{"refused":2,"more":{}}' });
  await journal.countMinutes({ at, instance: 'other', counted: '{"refused":"many"}' });
  const [point] = (await seriesOf('a').view(1)).points;
  expect(point).toMatchObject({ refused: 2, duplicate: 0, accept_p50_ms: null });
});

it.each([[[1]], [[0, 0.01, 3]], [[1, 1, 1, 1, 1, 1, 1, 1, 1, 5_000]], [[86_400_000, 1e12]], [[7, 70, 700]]])(
  'quantiles of %j are right within a tenth or so, also of histograms put together',
  (values) => {
    const histogram = new LatencyHistogram();
    expect(histogram.quantile(0.5)).toBeNull();
    for (const value of values) {
      const one = new LatencyHistogram();
      one.add(value);
      histogram.addAll(JSON.parse(JSON.stringify(one)));
    }
    const sorted = values.toSorted((a, b) => a - b);
    for (const q of [0.5, 0.99]) {
      const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1] ?? 0;
      const expected = Math.min(Math.max(exact, 0.1), 1.6e8);
      const found = histogram.quantile(q) ?? 0;
      expect(Math.abs(found - expected) / expected).toBeLessThan(0.13);
    }
  },
);
