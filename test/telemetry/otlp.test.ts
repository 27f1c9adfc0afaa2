import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { streamLogger } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import { createOtlp, type Otlp } from '../../src/telemetry/otlp.ts';
import { ManualClock } from '../helpers/clock.ts';
import { type Collector, startCollector } from '../helpers/collector.ts';
import { until } from '../helpers/until.ts';

let collector: Collector;
let clock: ManualClock;
let log: string[];
let counts: { exported: number; dropped: number };

beforeEach(async () => {
  collector = await startCollector();
  clock = new ManualClock();
  log = [];
  counts = { exported: 0, dropped: 0 };
});

afterEach(() => collector.close());

function otlpTo(url = `${collector.endpoint}/v1/traces`): Otlp {
  const sampling = { ratio: 1, parentBased: true };
  const headers = new Map([['authorization', new Secret('Bearer of-the-collector')]]);
  return createOtlp({
    settings: { url, headers, serviceName: 'relay-for-tests', sampling },
    onSpans: (result, count) => {
      counts[result] += count;
    },
    clock,
    log: streamLogger({ write: (line: string) => log.push(line) }),
  });
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const receive = ({ tracing }: Otlp) => tracing.receiving(undefined).end({});

describe('what is exported', () => {
  it('is whole, with who sends it', async () => {
    const otlp = otlpTo();
    const parents = [TRACE, TRACE.replaceAll('4', '5')].map((id) => `00-${id}-${SPAN}-01`);
    const attempt = otlp.tracing.attempting(parents);
    await clock.advance(1.5);
    attempt.end({ 'alo_relay.route': 'card' }, true);
    await otlp.close();
    expect(counts).toEqual({ exported: 2, dropped: 0 });
    const [first, second] = collector.spans;
    const startTimeUnixNano = BigInt(clock.now() - 1.5) * 1_000_000n;
    expect(first).toMatchObject({
      ...{ name: 'deliver', kind: 5, traceId: TRACE, parentSpanId: SPAN, status: { code: 2 }, links: [] },
      ...{ startTimeUnixNano, endTimeUnixNano: startTimeUnixNano + 1_500_000n },
      attributes: { 'alo_relay.route': 'card' },
    });
    expect(second?.links).toEqual([{ traceId: TRACE, spanId: first?.spanId }]);
    expect(collector.resource['service.name']).toBe('relay-for-tests');
    expect(collector.headers.authorization).toBe('Bearer of-the-collector');
  });

  it('has a limit: what is beyond it is dropped and counted', async () => {
    collector.mood = 'hangs';
    const otlp = otlpTo();
    for (let count = 0; count < 4_000; count++) receive(otlp);
    expect(counts).toEqual({ exported: 0, dropped: 4_000 - 2_048 });
    const closed = otlp.close();
    await clock.advance(2_000);
    // Within the time, although the collector never answers.
    await closed;
    expect(counts).toEqual({ exported: 0, dropped: 4_000 });
    receive(otlp);
    expect(counts.dropped).toBe(4_001);
  });

  it('drops and counts what the collector refuses, says so once, and goes on when it takes them again', async () => {
    collector.mood = 'refuses';
    const otlp = otlpTo();
    receive(otlp);
    await until(() => counts.dropped === 1);
    receive(otlp);
    await until(() => counts.dropped === 2);
    collector.mood = 'takes';
    receive(otlp);
    await until(() => counts.exported === 1);
    await otlp.close();
    const lines = log.map((line) => JSON.parse(line));
    expect(lines.map(({ level, code, msg }) => [level, code, msg])).toEqual([
      ['warn', '400', 'traces are not taken by the collector: they are dropped'],
      ['info', undefined, 'traces are exported again'],
    ]);
  });

  it('ends in time where nobody listens', async () => {
    await collector.close();
    const otlp = otlpTo();
    receive(otlp);
    const closed = otlp.close();
    await clock.advance(2_000);
    await closed;
    expect(counts).toEqual({ exported: 0, dropped: 1 });
    collector = await startCollector();
  });
});
