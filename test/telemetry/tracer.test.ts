import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CallFacts } from '../../src/core/telemetry.ts';
import { readTraceparent } from '../../src/core/traceparent.ts';
import { NO_TRACING, type Tracing } from '../../src/core/tracing.ts';
import { createProvider } from '../../src/telemetry/otlp.ts';
import type { Sampling } from '../../src/telemetry/trace-settings.ts';
import { createTracing } from '../../src/telemetry/tracer.ts';
import { ManualClock } from '../helpers/clock.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const TAKEN = `00-${TRACE}-${SPAN}-01`;
const NOT_TAKEN = `00-${TRACE}-${SPAN}-00`;
const POSTED: CallFacts = { method: 'chat.postMessage', ms: 5, outcome: { kind: 'sent', value: null } };

let clock: ManualClock;
let exporter: InMemorySpanExporter;

beforeEach(() => {
  clock = new ManualClock();
  exporter = new InMemorySpanExporter();
});

/** As the service's own, but kept in memory. */
function tracer(sampling: Partial<Sampling> = {}): Tracing {
  const settings = { serviceName: 'x', sampling: { ratio: 1, parentBased: true, ...sampling } };
  return createTracing(createProvider(settings, new SimpleSpanProcessor({ exporter })).getTracer('x'), clock);
}

const spans = (): ReadableSpan[] => exporter.getFinishedSpans();
const ms = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1e3 + nanoseconds / 1e6;
const idsOf = (span: ReadableSpan | undefined) => span?.spanContext();
const newTraceId = (): string => crypto.randomUUID().replaceAll('-', '');

describe('receiving', () => {
  it('is one span with its steps, in the trace of the sender', async () => {
    const began = clock.now();
    const span = tracer().receiving(TAKEN);
    await clock.advance(2);
    span.passed('verify');
    // The time of day is set meanwhile.
    clock.step(-60_000);
    span.passed('plan');
    await clock.advance(3);
    span.passed('commit');
    span.end({ 'alo_relay.event.id': 'e'.repeat(5000) });
    const [verify, plan, commit, receive] = spans();
    const context = readTraceparent(span.trace);
    expect(context).toEqual({ traceId: TRACE, spanId: idsOf(receive)?.spanId, sampled: true });
    expect(receive).toMatchObject({
      ...{ name: 'receive', kind: SpanKind.SERVER },
      parentSpanContext: { spanId: SPAN, isRemote: true },
    });
    expect(receive?.attributes['alo_relay.event.id']).toBe('e'.repeat(256));
    const times = spans().map(({ name, startTime, endTime }) => [name, ms(startTime) - began, ms(endTime) - began]);
    expect(times).toEqual([
      ['verify', 0, 2],
      ['plan', 2, 2],
      ['commit', 2, 5],
      ['receive', 0, 5],
    ]);
    for (const step of [verify, plan, commit])
      expect(step?.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: context?.spanId });
    expect(new Set(spans().map((one) => idsOf(one)?.spanId)).size).toBe(4);
  });

  it('begins a trace of its own where the sender has none, or a malformed one', () => {
    const own = [undefined, 'nonsense', `${TAKEN}, ${TAKEN}`].map((header) => {
      const span = tracer().receiving(header);
      span.end({});
      return readTraceparent(span.trace)?.traceId;
    });
    expect(new Set(own).size).toBe(3);
    expect(own).not.toContain(TRACE);
    expect(spans().map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined, undefined]);
  });

  it('is told to nobody before it has ended', () => {
    tracer().receiving(undefined).passed('verify');
    expect(spans()).toEqual([]);
  });

  it.each<[string, Partial<Sampling>, string | undefined, boolean]>([
    ['none that begins here', { ratio: 0 }, undefined, false],
    ['what was taken elsewhere', { ratio: 0 }, TAKEN, true],
    ['not what was not', { ratio: 1 }, NOT_TAKEN, false],
    ['all, whatever was decided elsewhere', { parentBased: false }, NOT_TAKEN, true],
    ['none, whatever was decided elsewhere', { ratio: 0, parentBased: false }, TAKEN, false],
  ])('takes %s', (_, sampling, header, taken) => {
    const tracing = tracer(sampling);
    const span = tracing.receiving(header);
    span.passed('verify');
    span.end({});
    expect(spans().length > 0).toBe(taken);
    // The decision goes along, and holds for all that comes later.
    expect(readTraceparent(span.trace)?.sampled).toBe(taken);
    tracing.attempting([span.trace]).end({}, false);
    expect(spans().some(({ name }) => name === 'deliver')).toBe(taken);
  });

  it('takes as many as the ratio says, and the same ones everywhere', () => {
    const takenBy = (ratio: number, ids: readonly string[]) => {
      const tracing = tracer({ ratio, parentBased: false });
      return ids.filter((id) => readTraceparent(tracing.receiving(`00-${id}-${SPAN}-01`).trace)?.sampled);
    };
    const ids = Array.from({ length: 4000 }, newTraceId);
    const taken = takenBy(0.25, ids);
    expect(taken.length).toBeGreaterThan(800);
    expect(taken.length).toBeLessThan(1200);
    expect(takenBy(0.5, ids)).toEqual(expect.arrayContaining(taken));
    expect(takenBy(1, ids)).toEqual(ids);
  });
});

describe('an attempt', () => {
  it('is a span of the event’s trace, with the calls that it made and no others', async () => {
    const tracing = tracer();
    const first = tracing.attempting([TAKEN]);
    const second = tracing.attempting([`00-${newTraceId()}-${SPAN}-01`]);
    await Promise.all([
      first.during(async () => {
        await clock.advance(10);
        tracing.called(POSTED);
      }),
      second.during(async () => {
        tracing.called({
          method: 'chat.update',
          ms: 1,
          outcome: { kind: 'unknown', reason: { code: 'timed_out', detail: 'text' } },
        });
      }),
    ]);
    tracing.called({ ...POSTED, method: 'auth.test' });
    first.end({ 'alo_relay.outcome': 'sent' }, false);
    second.end({}, true);
    const { UNSET, ERROR } = SpanStatusCode;
    const found = Object.groupBy(spans(), (span) => (idsOf(span)?.traceId === TRACE ? 'first' : 'second'));
    expect(found.first?.map(({ name, kind, status }) => [name, kind, status.code])).toEqual([
      ['slack chat.postMessage', SpanKind.CLIENT, UNSET],
      ['deliver', SpanKind.CONSUMER, UNSET],
    ]);
    const [call, deliver] = found.first ?? [];
    expect(deliver?.parentSpanContext).toMatchObject({ spanId: SPAN, isRemote: true });
    expect(call?.parentSpanContext).toEqual(idsOf(deliver));
    expect(ms(call?.duration ?? [0, 0])).toBe(5);
    expect(found.second?.map(({ name, status }) => [name, status.code])).toEqual([
      ['slack chat.update', ERROR],
      ['deliver', ERROR],
    ]);
    expect(found.second?.[0]?.attributes).toEqual({
      'slack.method': 'chat.update',
      'alo_relay.outcome': 'unknown',
      'error.type': 'timed_out',
    });
  });

  it('for several events stands in the trace of each, linked to the first', () => {
    const others = [newTraceId(), newTraceId()].map((id) => `00-${id}-${SPAN}-01`);
    tracer()
      .attempting([null, TAKEN, ...others, TAKEN, NOT_TAKEN, 'nonsense'])
      .end({}, false);
    const [lead, ...rest] = spans();
    expect([idsOf(lead)?.traceId, lead?.links]).toEqual([TRACE, []]);
    expect(rest.map((span) => [idsOf(span)?.traceId, span.links.map(({ context }) => context)])).toEqual(
      others.map((other) => [readTraceparent(other)?.traceId, [idsOf(lead)]]),
    );
  });

  it('of what belongs to no trace is none', async () => {
    const attempt = tracer().attempting([null]);
    expect(await attempt.during(async () => 7)).toBe(7);
    attempt.end({}, false);
    expect(spans()).toEqual([]);
  });
});

describe('without tracing', () => {
  it('the sender’s trace is kept all the same, for whoever traces', () => {
    expect(NO_TRACING.receiving(TAKEN).trace).toBe(TAKEN);
    expect(NO_TRACING.receiving(NOT_TAKEN).trace).toBe(NOT_TAKEN);
    for (const header of [undefined, 'nonsense', `${TAKEN}-more`])
      expect(NO_TRACING.receiving(header).trace).toBeNull();
  });
});
