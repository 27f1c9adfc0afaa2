import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { streamLogger } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import { newSpanId, newTraceId, type Span } from '../../src/telemetry/span.ts';
import { SpanQueue } from '../../src/telemetry/span-queue.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { type Collector, startCollector } from '../helpers/collector.ts';
import { until } from '../helpers/until.ts';

let collector: Collector;
let clock: ManualClock;
let log: string[];

beforeEach(async () => {
  collector = await startCollector();
  clock = new ManualClock();
  log = [];
});

afterEach(() => collector.close());

function queueTo(url = `${collector.endpoint}/v1/traces`): SpanQueue {
  const sampling = { ratio: 1, parentBased: true };
  const headers = new Map([['authorization', new Secret('Bearer of-the-collector')]]);
  const settings = { url, headers, serviceName: 'relay-for-tests', sampling };
  return new SpanQueue({ settings, clock, log: streamLogger({ write: (line: string) => log.push(line) }) });
}

function span(fields: Partial<Span> = {}): Span {
  return {
    ...{ name: 'receive', kind: 'server', traceId: newTraceId(), spanId: newSpanId(), parent: null },
    ...{ startMs: 1_772_442_000_000.25, endMs: 1_772_442_000_001, attributes: {}, failed: false, links: [] },
    ...fields,
  };
}

describe('the queue of spans', () => {
  it('exports them as they are, those from before it was started too', async () => {
    const parent = { spanId: newSpanId(), remote: true };
    const link = { traceId: newTraceId(), spanId: newSpanId() };
    const early = span({ parent, links: [link], failed: true, attributes: { 'alo_relay.event.id': 'evt_1' } });
    const late = span({ kind: 'client' });
    const queue = queueTo();
    queue.add(early);
    queue.start();
    await settle();
    queue.add(late);
    await queue.close(2_000);
    expect(queue.counts()).toEqual({ exported: 2, dropped: 0 });
    expect(collector.spans.map(({ traceId, spanId }) => [traceId, spanId])).toEqual([
      [early.traceId, early.spanId],
      [late.traceId, late.spanId],
    ]);
    expect(collector.spans[0]).toMatchObject({
      ...{ name: 'receive', kind: 2, parentSpanId: parent.spanId, links: [link], status: { code: 2 } },
      ...{ startTimeUnixNano: 1_772_442_000_000_250_000n, endTimeUnixNano: 1_772_442_000_001_000_000n },
      attributes: { 'alo_relay.event.id': 'evt_1' },
    });
    expect(collector.spans[1]).toMatchObject({ kind: 3, status: { code: 0 } });
    expect(collector.resource['service.name']).toBe('relay-for-tests');
    expect(collector.headers.authorization).toBe('Bearer of-the-collector');
  });

  it('has a limit: what is beyond it is dropped and counted', async () => {
    collector.mood = 'hangs';
    const queue = queueTo();
    for (let count = 0; count < 2_000; count++) queue.add(span());
    queue.start();
    await settle();
    for (let count = 0; count < 2_000; count++) queue.add(span());
    expect(queue.counts()).toEqual({ exported: 0, dropped: 4_000 - 2_048 });
    const closed = queue.close(2_000);
    await clock.advance(2_000);
    // Within the time, although the collector never answers.
    await closed;
    expect(queue.counts()).toEqual({ exported: 0, dropped: 4_000 });
    queue.add(span());
    expect(queue.counts().dropped).toBe(4_001);
  });

  it('drops and counts what the collector refuses, says so once, and goes on when it takes them again', async () => {
    collector.mood = 'refuses';
    const queue = queueTo();
    queue.start();
    queue.add(span());
    await until(() => queue.counts().dropped === 1);
    queue.add(span());
    await until(() => queue.counts().dropped === 2);
    collector.mood = 'takes';
    queue.add(span());
    await until(() => queue.counts().exported === 1);
    await queue.close(2_000);
    const lines = log.map((line) => JSON.parse(line));
    expect(lines.map(({ level, code, msg }) => [level, code, msg])).toEqual([
      ['warn', '400', 'traces are not taken by the collector: they are dropped'],
      ['info', undefined, 'traces are exported again'],
    ]);
  });

  it('ends in time where nobody listens', async () => {
    await collector.close();
    const queue = queueTo();
    queue.add(span());
    const closed = queue.close(2_000);
    await clock.advance(2_000);
    await closed;
    expect(queue.counts()).toEqual({ exported: 0, dropped: 1 });
    collector = await startCollector();
  });
});
