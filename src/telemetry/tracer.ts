/** Spans of what is done for an event: made here, told to a sink, one trace across restarts and instances. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../core/clock.ts';
import type { CallFacts } from '../core/telemetry.ts';
import { readTraceparent, type TraceContext, writeTraceparent } from '../core/traceparent.ts';
import {
  type AttemptSpan,
  NO_TRACING,
  type ReceivingSpan,
  type SpanAttributes,
  type Tracing,
} from '../core/tracing.ts';
import { isWithin, newSpanId, newTraceId, type Span } from './span.ts';
import type { Sampling } from './trace-settings.ts';

export interface TracerParts {
  readonly sampling: Sampling;
  /** Takes a span that has ended. Does not throw, and holds nothing up. */
  readonly sink: (span: Span) => void;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** A call to Slack, and when it ended. */
interface Call extends CallFacts {
  readonly endMs: number;
}

/** The attempt that is under way, as its calls find it. */
interface Running {
  readonly calls: Call[];
  /** By its own watch. */
  readonly now: () => number;
}

/** Ids of senders may be long. */
const LONGEST_VALUE = 256;

export function createTracer(parts: TracerParts): Tracing {
  const running = new AsyncLocalStorage<Running>();
  return {
    receiving: (header) => receiving(header, parts),
    attempting(traces) {
      const contexts = distinct(traces);
      const [lead, ...others] = contexts;
      if (lead === undefined) return NO_TRACING.attempting(traces);
      return attempting({ lead, others }, parts, running);
    },
    called: (facts) => {
      const attempt = running.getStore();
      attempt?.calls.push({ ...facts, endMs: attempt.now() });
    },
  };
}

/** ms since the epoch, as of now, measured from one look at the clock on: steps of the clock do not show in a span. */
function stopwatch(clock: TracerParts['clock']): () => number {
  const base = clock.now() - clock.monotonic();
  return () => base + clock.monotonic();
}

function receiving(header: unknown, { sampling, sink, clock }: TracerParts): ReceivingSpan {
  const parent = readTraceparent(header);
  const traceId = parent?.traceId ?? newTraceId();
  const sampled = parent !== null && sampling.parentBased ? parent.sampled : isWithin(sampling.ratio, traceId);
  const spanId = newSpanId();
  const trace = writeTraceparent({ traceId, spanId, sampled });
  if (!sampled) return { trace, passed: () => undefined, end: () => undefined };
  const now = stopwatch(clock);
  const startMs = now();
  const steps: { readonly name: string; readonly startMs: number; readonly endMs: number }[] = [];
  return {
    trace,
    passed(name) {
      steps.push({ name, startMs: steps.at(-1)?.endMs ?? startMs, endMs: now() });
    },
    end(attributes) {
      for (const step of steps) {
        const within = { spanId, remote: false };
        sink({ ...step, ...INNER, traceId, spanId: newSpanId(), parent: within, attributes: {} });
      }
      const before = parent === null ? null : { spanId: parent.spanId, remote: true };
      const own = { name: 'receive', kind: 'server', failed: false, links: [] } as const;
      sink({ ...own, traceId, spanId, parent: before, startMs, endMs: now(), attributes: short(attributes) });
    },
  };
}

const INNER = { kind: 'internal', failed: false, links: [] } as const;

interface Traces {
  readonly lead: TraceContext;
  readonly others: readonly TraceContext[];
}

/** The span stands in every trace that it is for; the calls that it makes, in the first. */
function attempting(
  { lead, others }: Traces,
  { sink, clock }: TracerParts,
  running: AsyncLocalStorage<Running>,
): AttemptSpan {
  const now = stopwatch(clock);
  const startMs = now();
  const calls: Call[] = [];
  return {
    during: (work) => running.run({ calls, now }, work),
    end(attributes, failed) {
      const spanId = newSpanId();
      const spans = { name: 'deliver', kind: 'consumer', startMs, endMs: now(), failed } as const;
      const told = short(attributes);
      for (const call of calls) sink(ofCall(call, lead.traceId, spanId));
      sink({ ...spans, ...within(lead), spanId, attributes: told, links: [] });
      const links = [{ traceId: lead.traceId, spanId }];
      for (const other of others) sink({ ...spans, ...within(other), spanId: newSpanId(), attributes: told, links });
    },
  };
}

function within({ traceId, spanId }: TraceContext): Pick<Span, 'traceId' | 'parent'> {
  return { traceId, parent: { spanId, remote: true } };
}

function ofCall({ method, ms, outcome, endMs }: Call, traceId: string, parent: string): Span {
  const failed = outcome.kind !== 'sent';
  return {
    name: `slack ${method}`,
    kind: 'client',
    traceId,
    spanId: newSpanId(),
    parent: { spanId: parent, remote: false },
    startMs: endMs - ms,
    endMs,
    attributes: {
      'slack.method': method,
      'alo_relay.outcome': outcome.kind,
      ...(failed && { 'error.type': outcome.reason.code }),
    },
    failed,
    links: [],
  };
}

/** Those that are taken, each once. */
function distinct(traces: readonly (string | null)[]): TraceContext[] {
  const found = new Map<string, TraceContext>();
  for (const trace of traces) {
    const context = trace === null ? null : readTraceparent(trace);
    if (context?.sampled === true && !found.has(context.traceId)) found.set(context.traceId, context);
  }
  return [...found.values()];
}

function short(attributes: SpanAttributes): SpanAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, LONGEST_VALUE) : value,
    ]),
  );
}
