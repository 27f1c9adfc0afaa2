import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import type { AttemptFacts, CallFacts, WebhookFacts } from '../../src/core/telemetry.ts';
import { VERSION } from '../../src/core/version.ts';
import { createMetrics, type Metrics, type MetricsParts } from '../../src/telemetry/metrics.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { type Samples, samplesIn } from '../helpers/exposition.ts';

type Backlog = Awaited<ReturnType<MetricsParts['backlog']>>;

const NOTHING: Backlog = {
  byState: { pending: 0, sending: 0, held: 0 },
  failed: { dead: 0, parked: 0 },
  lanes: 0,
  oldestPendingAt: null,
};
const WEBHOOK: WebhookFacts = {
  ...{ at: 0, outcome: 'accepted', source: 'alo', ms: 5, code: null, eventSeq: 1 },
  ...{ topic: 'action_created', subject: 'act_1', title: null, deliveries: 1 },
};

let clock: ManualClock;
let folder: string;

beforeEach(async () => {
  clock = new ManualClock();
  folder = await mkdtemp(join(tmpdir(), 'metrics-'));
});

afterEach(() => rm(folder, { recursive: true }));

function metricsWith(parts: Partial<MetricsParts> = {}): Metrics {
  return createMetrics({
    sources: () => ['alo', 'allo'],
    backlog: async () => NOTHING,
    journalPath: null,
    readiness: async () => ({ checks: { journal: { ok: true }, slack: { ok: false } } }),
    paused: () => false,
    activity: async () => [],
    clock,
    ...parts,
  });
}

async function scrape(metrics: Metrics): Promise<Samples> {
  const { contentType, body } = await metrics.render();
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  return samplesIn(body);
}

function attempt(fields: Partial<AttemptFacts>): AttemptFacts {
  const { now } = clock;
  return {
    ...{
      at: now(),
      ms: 40,
      state: 'sent',
      code: null,
      verb: 'card',
      lane: 'channel:#alo',
      destination: '#alo',
      route: 'card',
    },
    ...{
      delivery: 1,
      eventSeq: 1,
      source: 'alo',
      topic: 'action_created',
      subject: 'act_1',
      title: null,
      deliveries: 1,
    },
    acceptedAt: now() - 2_000,
    ...fields,
  };
}

describe('what is counted', () => {
  it('from the start, although the first scrape comes later', async () => {
    const metrics = metricsWith();
    metrics.telemetry.webhook(WEBHOOK);
    metrics.telemetry.webhook({ ...WEBHOOK, outcome: 'duplicate', code: 'other-body', ms: 0.2 });
    metrics.telemetry.webhook({ ...WEBHOOK, outcome: 'refused', code: 'bad-signature', ms: 9_000 });
    const first = await scrape(metrics);
    expect(first.of('alo_relay_webhooks_total')).toEqual({
      'source=alo,outcome=accepted': 1,
      'source=alo,outcome=duplicate': 1,
      'source=alo,outcome=challenge': 0,
      'source=alo,outcome=refused': 1,
      // Known before anything has come, or increase() would not see the first.
      'source=allo,outcome=accepted': 0,
      'source=allo,outcome=duplicate': 0,
      'source=allo,outcome=challenge': 0,
      'source=allo,outcome=refused': 0,
    });
    expect(first.of('alo_relay_webhooks_refused_total')).toEqual({ 'source=alo,code=bad-signature': 1 });
    expect(first.of('alo_relay_webhooks_conflicting_total')).toEqual({ 'source=alo': 1, 'source=allo': 0 });
    const durations = first.of('alo_relay_webhook_duration_seconds_bucket');
    expect(durations['source=alo,le=0.0005']).toBe(1);
    expect(durations['source=alo,le=0.002']).toBe(1);
    // Up to the bound, the bound included.
    expect(durations['source=alo,le=0.005']).toBe(2);
    expect(durations['source=alo,le=5']).toBe(2);
    expect(durations['source=alo,le=+Inf']).toBe(3);
    expect(first.of('alo_relay_webhook_duration_seconds_count')).toEqual({ 'source=alo': 3 });
    expect(first.of('alo_relay_webhook_duration_seconds_sum')['source=alo']).toBeCloseTo(9.0052);
    metrics.telemetry.webhook(WEBHOOK);
    expect((await scrape(metrics)).of('alo_relay_webhooks_total')['source=alo,outcome=accepted']).toBe(2);
  });

  it('attempts, and deliveries where several go out together', async () => {
    const metrics = metricsWith();
    metrics.telemetry.attempt(attempt({ state: 'merged', deliveries: 3, verbs: ['card', 'pin', 'card'] }));
    metrics.telemetry.attempt(attempt({ state: null, code: 'ratelimited' }));
    metrics.telemetry.attempt(attempt({ superseded: 3, acceptedAt: clock.now() - 3_000 }));
    metrics.telemetry.attempt(attempt({ state: 'dead', code: 'channel_not_found', verb: 'dm' }));
    // The clock was set back since.
    metrics.telemetry.attempt(attempt({ acceptedAt: clock.now() + 60_000 }));
    const samples = await scrape(metrics);
    expect(samples.of('alo_relay_deliveries_total')).toMatchObject({
      'verb=card,state=merged': 2,
      'verb=pin,state=merged': 1,
      'verb=card,state=sent': 2,
      'verb=card,state=superseded': 3,
      'verb=dm,state=dead': 1,
      'verb=react,state=parked': 0,
    });
    expect(samples.of('alo_relay_deliveries_total')).not.toHaveProperty('verb=card,state=dismissed');
    expect(samples.of('alo_relay_attempts_total')).toMatchObject({
      'verb=card,outcome=retry': 1,
      'verb=dm,outcome=dead': 1,
    });
    expect(samples.of('alo_relay_attempts_failed_total')).toEqual({
      'code=ratelimited': 1,
      'code=channel_not_found': 1,
    });
    expect(samples.of('alo_relay_delivery_latency_seconds_bucket')).toMatchObject({
      'verb=card,le=0.05': 1,
      'verb=card,le=2.5': 2,
    });
  });

  it('calls to Slack by what came of them, commits, reloads', async () => {
    const metrics = metricsWith();
    const reason = { code: 'c', detail: '' };
    const outcomes: Outcome<null>[] = [
      { kind: 'sent', value: null },
      { kind: 'retry', limited: true, afterMs: 1000, reason },
      { kind: 'retry', limited: true, reason },
      { kind: 'unknown', reason },
      { kind: 'refused', scope: 'credential', reason },
    ];
    const call = (outcome: CallFacts['outcome']) => ({ method: 'chat.postMessage', ms: 30, outcome });
    for (const outcome of outcomes) metrics.telemetry.slackCall(call(outcome));
    metrics.telemetry.commit({ ms: 1.5, changes: 40 });
    const before = await scrape(metrics);
    expect(before.of('alo_relay_slack_calls_total')).toEqual(
      Object.fromEntries(
        ['sent', 'rate_limited', 'retry', 'unknown', 'refused_credential'].map((outcome) => [
          `method=chat.postMessage,outcome=${outcome}`,
          1,
        ]),
      ),
    );
    expect(before.of('alo_relay_journal_commit_changes_bucket')).toMatchObject({
      'le=32': 0,
      'le=64': 1,
      'le=+Inf': 1,
    });
    expect(before.of('alo_relay_journal_commit_duration_seconds_sum')).toEqual({ '': 0.0015 });
    expect(before.of('alo_relay_config_last_reload_successful')).toEqual({ '': 1 });
    expect(before.of('alo_relay_config_last_reload_timestamp_seconds')).toEqual({ '': clock.now() / 1000 });
    metrics.telemetry.reload({ at: 5_000, ok: false });
    const after = await scrape(metrics);
    expect(after.of('alo_relay_config_last_reload_successful')).toEqual({ '': 0 });
    expect(after.of('alo_relay_config_last_reload_timestamp_seconds')).toEqual({ '': 5 });
    expect(after.of('alo_relay_config_reloads_total')).toEqual({ 'result=ok': 0, 'result=failed': 1 });
  });

  it('by few labels, whatever Slack answers, and written so that no value breaks the format', async () => {
    const metrics = metricsWith();
    metrics.telemetry.attempt(attempt({ state: null, code: 'a"b\\c\nd' }));
    for (let n = 0; n < 10_000; n++) metrics.telemetry.attempt(attempt({ state: null, code: `code_${n}` }));
    const counts = (await scrape(metrics)).of('alo_relay_attempts_failed_total');
    expect(Object.keys(counts)).toHaveLength(257);
    expect(counts['code=other']).toBe(10_001 - 256);
    expect(counts['code=a\\"b\\\\c\\nd']).toBe(1);
  });
});

describe('what is asked at a scrape', () => {
  it('the backlog, the checks, the disk, the build', async () => {
    const path = join(folder, 'relay.db');
    await writeFile(path, Buffer.alloc(5_000));
    await writeFile(`${path}-wal`, Buffer.alloc(300));
    const backlog = {
      ...NOTHING,
      byState: { pending: 4, sending: 1, held: 9 },
      failed: { dead: 3, parked: 1 },
      lanes: 2,
      oldestPendingAt: clock.now() - 90_000,
    };
    const metrics = metricsWith({ backlog: async () => backlog, journalPath: path, paused: () => true });
    metrics.spans('exported', 7);
    metrics.spans('dropped', 2);
    const samples = await scrape(metrics);
    expect(samples.of('alo_relay_deliveries_unfinished')).toEqual({
      'state=pending': 4,
      'state=sending': 1,
      'state=held': 9,
    });
    expect(samples.of('alo_relay_deliveries_failed')).toEqual({ 'state=dead': 3, 'state=parked': 1 });
    expect(samples.of('alo_relay_lanes_unfinished')).toEqual({ '': 2 });
    expect(samples.of('alo_relay_oldest_pending_age_seconds')).toEqual({ '': 90 });
    expect(samples.of('alo_relay_check_ok')).toEqual({ 'check=journal': 1, 'check=slack': 0 });
    expect(samples.of('alo_relay_slack_paused')).toEqual({ '': 1 });
    expect(samples.of('alo_relay_journal_size_bytes')).toEqual({ '': 5_300 });
    expect(samples.of('alo_relay_journal_disk_free_bytes')['']).toBeGreaterThan(0);
    expect(samples.of('alo_relay_trace_spans_total')).toEqual({ 'result=exported': 7, 'result=dropped': 2 });
    expect(Object.keys(samples.of('alo_relay_build_info'))).toEqual([`version=${VERSION},node=${process.version}`]);
  });

  it('is left out where the journal does not answer in time, and a late answer is there for the next scrape', async () => {
    const answer = Promise.withResolvers<Backlog>();
    let asked = 0;
    const metrics = metricsWith({
      backlog: () => {
        asked += 1;
        return answer.promise;
      },
    });
    for (let scrapes = 0; scrapes < 3; scrapes++) {
      const scraping = scrape(metrics);
      await settle();
      await clock.advance(2_000);
      const samples = await scraping;
      expect(samples.of('alo_relay_journal_up')).toEqual({ '': 0 });
      expect(samples.has('alo_relay_oldest_pending_age_seconds')).toBe(false);
      expect(samples.has('alo_relay_deliveries_unfinished')).toBe(false);
    }
    answer.resolve({ ...NOTHING, lanes: 3 });
    await settle();
    const samples = await scrape(metrics);
    expect(samples.of('alo_relay_journal_up')).toEqual({ '': 1 });
    expect(samples.of('alo_relay_lanes_unfinished')).toEqual({ '': 3 });
    // However often it is scraped, the journal is not asked before it has answered.
    expect(asked).toBe(1);
  });

  it('is asked again only after a while: the longer, the longer it took', async () => {
    let asked = 0;
    let tookMs = 0;
    const metrics = metricsWith({
      backlog: async () => {
        asked += 1;
        await new Promise<void>((resolve) => clock.after(tookMs, resolve));
        return NOTHING;
      },
    });
    const scrapeAfter = async (ms: number) => {
      await clock.advance(ms);
      const scraping = scrape(metrics);
      await settle();
      await clock.advance(tookMs);
      await scraping;
      return asked;
    };
    expect(await scrapeAfter(0)).toBe(1);
    expect(await scrapeAfter(4_900)).toBe(1);
    tookMs = 1_000;
    expect(await scrapeAfter(200)).toBe(2);
    expect(await scrapeAfter(15_000)).toBe(2);
    expect(await scrapeAfter(6_000)).toBe(3);
  });

  it('of a journal that fails, and a probe that never answers, says so', async () => {
    const metrics = metricsWith({
      backlog: () => Promise.reject(new Error('gone')),
      readiness: () => new Promise(() => {}),
      journalPath: join(folder, 'missing.db'),
    });
    const scraping = scrape(metrics);
    await settle();
    await clock.advance(2_000);
    const samples = await scraping;
    expect(samples.of('alo_relay_journal_up')).toEqual({ '': 0 });
    expect(samples.of('alo_relay_check_ok')).toEqual({ 'check=journal': 0 });
    expect(samples.has('alo_relay_journal_size_bytes')).toBe(false);
  });
});

it('sources: when the last event of each came in, and whether that is too long ago', async () => {
  const alo = { source: 'alo', lastAt: 1_500, silent: true };
  let known = [alo, { source: 'allo', lastAt: null, silent: false }];
  const metrics = metricsWith({ activity: async () => known });
  const first = await scrape(metrics);
  expect(first.of('alo_relay_source_silent')).toEqual({ 'source=alo': 1, 'source=allo': 0 });
  expect(first.of('alo_relay_source_last_event_timestamp_seconds')).toEqual({ 'source=alo': 1.5 });
  known = [{ ...alo, silent: false }];
  expect((await scrape(metrics)).of('alo_relay_source_silent')).toEqual({ 'source=alo': 0 });
});
