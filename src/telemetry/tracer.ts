/** Makes the spans of what is done for an event: one trace across restarts and instances. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Clock } from '../core/clock.ts';
import { readTraceparent, writeTraceparent } from '../core/traceparent.ts';
import { NO_TRACING, type ReceivingSpan, type Tracing } from '../core/tracing.ts';

/** The attempt that is under way, as its calls find it. */
interface Running {
  readonly context: Context;
  readonly now: () => number;
}

export function createTracing(tracer: Tracer, clock: Pick<Clock, 'now' | 'monotonic'>): Tracing {
  const running = new AsyncLocalStorage<Running>();
  return {
    receiving: (header) => receiving(header, tracer, stopwatch(clock)),
    attempting(traces) {
      const [lead, ...others] = sampled(traces);
      if (lead === undefined) return NO_TRACING.attempting(traces);
      const now = stopwatch(clock);
      const begin = (parent: SpanContext, ...links: readonly SpanContext[]): Span =>
        tracer.startSpan(
          'deliver',
          { kind: SpanKind.CONSUMER, startTime: now(), links: links.map((context) => ({ context })) },
          trace.setSpanContext(ROOT_CONTEXT, parent),
        );
      // It appears in every trace that it is for; the calls that it makes, in the first.
      const span = begin(lead);
      const spans = [span, ...others.map((other) => begin(other, span.spanContext()))];
      const context = trace.setSpan(ROOT_CONTEXT, span);
      return {
        during: (work) => running.run({ context, now }, work),
        end(attributes, failed) {
          for (const one of spans) ended(one.setAttributes(attributes), failed, now());
        },
      };
    },
    called({ method, ms, outcome }) {
      const attempt = running.getStore();
      if (attempt === undefined) return;
      const endTime = attempt.now();
      const attributes = {
        'slack.method': method,
        'alo_relay.outcome': outcome.kind,
        ...(outcome.kind !== 'sent' && { 'error.type': outcome.reason.code }),
      };
      const options = { kind: SpanKind.CLIENT, startTime: endTime - ms, attributes };
      ended(tracer.startSpan(`slack ${method}`, options, attempt.context), outcome.kind !== 'sent', endTime);
    },
  };
}

function receiving(header: unknown, tracer: Tracer, now: () => number): ReceivingSpan {
  const parent = remote(header);
  const startTime = now();
  const span = tracer.startSpan(
    'receive',
    { kind: SpanKind.SERVER, startTime },
    parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
  );
  const { traceId, spanId, traceFlags } = span.spanContext();
  const steps: { readonly name: string; readonly startTime: number; readonly endTime: number }[] = [];
  return {
    trace: writeTraceparent({ traceId, spanId, sampled: isSampled(traceFlags) }),
    passed(name) {
      steps.push({ name, startTime: steps.at(-1)?.endTime ?? startTime, endTime: now() });
    },
    end(attributes) {
      // Only now: of what turns out to be unsigned nothing is exported.
      const within = trace.setSpan(ROOT_CONTEXT, span);
      for (const { name, startTime, endTime } of steps) tracer.startSpan(name, { startTime }, within).end(endTime);
      span.setAttributes(attributes).end(now());
    },
  };
}

/** ms since the epoch, as of now, measured from one look at the clock on: steps of the clock do not show in a span. */
function stopwatch(clock: Pick<Clock, 'now' | 'monotonic'>): () => number {
  const base = clock.now() - clock.monotonic();
  return () => base + clock.monotonic();
}

function ended(span: Span, failed: boolean, endTime: number): void {
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endTime);
}

function remote(traceparent: unknown): SpanContext | null {
  const read = readTraceparent(traceparent);
  if (read === null) return null;
  const { traceId, spanId } = read;
  return { traceId, spanId, traceFlags: read.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

/** Each trace once. */
function sampled(traceparents: readonly (string | null)[]): SpanContext[] {
  const found = new Map<string, SpanContext>();
  for (const context of traceparents.map(remote)) {
    if (context === null || !isSampled(context.traceFlags) || found.has(context.traceId)) continue;
    found.set(context.traceId, context);
  }
  return [...found.values()];
}

function isSampled(flags: TraceFlags): boolean {
  return (flags & TraceFlags.SAMPLED) !== 0;
}
