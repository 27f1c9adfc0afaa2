import { beforeEach, describe, expect, it } from 'vitest';
import type { CallFacts } from '../../src/core/telemetry.ts';
import { readTraceparent } from '../../src/core/traceparent.ts';
import { NO_TRACING, type Tracing } from '../../src/core/tracing.ts';
import { isWithin, newTraceId, type Span } from '../../src/telemetry/span.ts';
import type { Sampling } from '../../src/telemetry/trace-settings.ts';
import { createTracer } from '../../src/telemetry/tracer.ts';
import { ManualClock } from '../helpers/clock.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const TAKEN = `00-${TRACE}-${SPAN}-01`;
const NOT_TAKEN = `00-${TRACE}-${SPAN}-00`;
const POSTED: CallFacts = { method: 'chat.postMessage', ms: 5, outcome: { kind: 'sent', value: null } };

let clock: ManualClock;
let spans: Span[];

beforeEach(() => {
  clock = new ManualClock();
  spans = [];
});

function tracer(sampling: Partial<Sampling> = {}): Tracing {
  const sink = (span: Span) => spans.push(span);
  return createTracer({ sampling: { ratio: 1, parentBased: true, ...sampling }, sink, clock });
}

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
    const [verify, plan, commit, receive] = spans;
    const context = readTraceparent(span.trace);
    expect(context).toEqual({ traceId: TRACE, spanId: receive?.spanId, sampled: true });
    expect(receive).toMatchObject({ name: 'receive', kind: 'server', parent: { spanId: SPAN, remote: true } });
    expect(receive?.attributes['alo_relay.event.id']).toBe('e'.repeat(256));
    const times = spans.map(({ name, startMs, endMs }) => [name, startMs - began, endMs - began]);
    expect(times).toEqual([
      ['verify', 0, 2],
      ['plan', 2, 2],
      ['commit', 2, 5],
      ['receive', 0, 5],
    ]);
    for (const step of [verify, plan, commit])
      expect(step).toMatchObject({ traceId: TRACE, parent: { spanId: context?.spanId } });
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(4);
  });

  it('begins a trace of its own where the sender has none, or a malformed one', () => {
    const own = [undefined, 'nonsense', `${TAKEN}, ${TAKEN}`].map((header) => {
      const span = tracer().receiving(header);
      span.end({});
      return readTraceparent(span.trace)?.traceId;
    });
    expect(new Set(own).size).toBe(3);
    expect(own).not.toContain(TRACE);
    expect(spans.map(({ parent }) => parent)).toEqual([null, null, null]);
  });

  it('is told to nobody before it has ended', () => {
    tracer().receiving(undefined).passed('verify');
    expect(spans).toEqual([]);
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
    expect(spans.length > 0).toBe(taken);
    // The decision goes along, and holds for all that comes later.
    expect(readTraceparent(span.trace)?.sampled).toBe(taken);
    tracing.attempting([span.trace]).end({}, false);
    expect(spans.some(({ name }) => name === 'deliver')).toBe(taken);
  });

  it('takes as many as the ratio says, and the same ones everywhere', () => {
    const ids = Array.from({ length: 4000 }, newTraceId);
    const taken = ids.filter((id) => isWithin(0.25, id));
    expect(taken.length).toBeGreaterThan(800);
    expect(taken.length).toBeLessThan(1200);
    expect(ids.filter((id) => isWithin(0.5, id))).toEqual(expect.arrayContaining(taken));
    expect(ids.filter((id) => isWithin(1, id))).toEqual(ids);
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
    const [call, deliver] = spans;
    expect(deliver).toMatchObject({
      name: 'deliver',
      traceId: TRACE,
      parent: { spanId: SPAN, remote: true },
      failed: false,
    });
    expect(call).toMatchObject({ name: 'slack chat.postMessage', kind: 'client', traceId: TRACE, failed: false });
    expect(call?.parent).toEqual({ spanId: deliver?.spanId, remote: false });
    expect((call?.endMs ?? 0) - (call?.startMs ?? 0)).toBe(5);
    second.end({}, true);
    expect(spans.map(({ name, failed }) => [name, failed]).slice(2)).toEqual([
      ['slack chat.update', true],
      ['deliver', true],
    ]);
    expect(spans[2]?.attributes).toEqual({
      'slack.method': 'chat.update',
      'alo_relay.outcome': 'unknown',
      'error.type': 'timed_out',
    });
    expect(spans).toHaveLength(4);
  });

  it('for several events stands in the trace of each, linked to the first', () => {
    const others = [newTraceId(), newTraceId()].map((id) => `00-${id}-${SPAN}-01`);
    tracer()
      .attempting([null, TAKEN, ...others, TAKEN, NOT_TAKEN, 'nonsense'])
      .end({}, false);
    const [lead, ...rest] = spans;
    expect(lead).toMatchObject({ traceId: TRACE, links: [] });
    expect(rest.map(({ traceId, links }) => [traceId, links])).toEqual(
      others.map((other) => [readTraceparent(other)?.traceId, [{ traceId: TRACE, spanId: lead?.spanId }]]),
    );
  });

  it('of what belongs to no trace is none', async () => {
    const attempt = tracer().attempting([null]);
    expect(await attempt.during(async () => 7)).toBe(7);
    attempt.end({}, false);
    expect(spans).toEqual([]);
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
