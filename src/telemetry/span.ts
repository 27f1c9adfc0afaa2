/** A span that has ended, as plain data: it is made before OpenTelemetry is loaded, and whether it can be or not. */
import { randomBytes } from 'node:crypto';
import type { TraceContext } from '../core/traceparent.ts';
import type { SpanAttributes } from '../core/tracing.ts';

export interface Span {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'consumer' | 'internal';
  readonly traceId: string;
  readonly spanId: string;
  /** Null: the trace begins with it. `remote`: it was another process's, or may have been. */
  readonly parent: { readonly spanId: string; readonly remote: boolean } | null;
  /** ms since the epoch, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly failed: boolean;
  /** The spans of other traces that it has to do with. */
  readonly links: readonly Pick<TraceContext, 'traceId' | 'spanId'>[];
}

/** Random; all zeros, which is not allowed, does not come up. */
export function newSpanId(): string {
  return randomBytes(8).toString('hex');
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

/** Whether a trace that begins here is one of the ratio's: every service that is asked the same gives the same answer. */
export function isWithin(ratio: number, traceId: string): boolean {
  return Number.parseInt(traceId.slice(-13), 16) / 2 ** 52 < ratio;
}
