import { expect, it } from 'vitest';
import type { AttemptFacts, WebhookFacts } from '../../src/core/telemetry.ts';
import { LatencyHistogram } from '../../src/history/latency-histogram.ts';
import { Series } from '../../src/history/series.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-03-02T09:00:00Z');

const webhook = (changes: Partial<WebhookFacts>): WebhookFacts => ({
  ...{ at: NOW, outcome: 'accepted', source: 'alo', ms: 4, code: null },
  ...{ eventSeq: 1, topic: 't', subject: null, deliveries: 1 },
  ...changes,
});

const attempt = (changes: Partial<AttemptFacts>): AttemptFacts => ({
  ...{ at: NOW, ms: 1, state: 'sent', code: null, verb: 'post', lane: 'l', route: 'r', delivery: 1, eventSeq: 1 },
  ...{ source: 'alo', topic: 't', subject: null, deliveries: 1, acceptedAt: NOW - 200 },
  ...changes,
});

it('counts what happened in which minute', () => {
  const series = new Series();
  series.webhook(webhook({ at: NOW - 1 }));
  for (const outcome of ['accepted', 'duplicate', 'refused', 'challenge'] as const)
    series.webhook(webhook({ outcome }));
  for (const state of ['sent', 'dead', 'parked', 'superseded', null] as const) series.attempt(attempt({ state }));
  series.attempt(attempt({ state: 'merged', deliveries: 60 }));
  series.attempt(attempt({ state: null, deliveries: 60 }));
  const { points } = series.view(3, NOW + 59_999);
  expect(points.map(({ at }) => at.slice(11, 16))).toEqual(['08:58', '08:59', '09:00']);
  expect(points[0]).toMatchObject({ accepted: 0, sent: 0, accept_p99_ms: null, delivery_p50_ms: null });
  expect(points[1]).toMatchObject({ accepted: 1, duplicate: 0 });
  expect(points[2]).toEqual({
    at: '2026-03-02T09:00:00.000Z',
    ...{ accepted: 1, duplicate: 1, refused: 1, sent: 1, merged: 60, dead: 1, parked: 1, retried: 2 },
    ...{ accept_p50_ms: 4, accept_p99_ms: 4, delivery_p50_ms: 220, delivery_p99_ms: 220 },
  });
});

it('keeps a day, wherever the clock goes', () => {
  const series = new Series();
  for (let minute = 0; minute < 3_000; minute++) series.webhook(webhook({ at: NOW + minute * MINUTE_MS }));
  const last = NOW + 2_999 * MINUTE_MS;
  const counted = (now: number) => series.view(1_440, now).points.filter(({ accepted }) => accepted > 0).length;
  expect(counted(last)).toBe(1_440);
  series.webhook(webhook({ at: NOW }));
  expect([counted(last), counted(NOW)]).toEqual([1_439, 1]);
});

it.each([[[1]], [[0, 0.01, 3]], [[1, 1, 1, 1, 1, 1, 1, 1, 1, 5_000]], [[86_400_000, 1e12]], [[7, 70, 700]]])(
  'quantiles of %j are right within a tenth or so',
  (values) => {
    const histogram = new LatencyHistogram();
    expect(histogram.quantile(0.5)).toBeNull();
    for (const value of values) histogram.add(value);
    const sorted = values.toSorted((a, b) => a - b);
    for (const q of [0.5, 0.99]) {
      const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1] ?? 0;
      const expected = Math.min(Math.max(exact, 0.1), 1.6e8);
      const found = histogram.quantile(q) ?? 0;
      expect(Math.abs(found - expected) / expected).toBeLessThan(0.13);
    }
  },
);
