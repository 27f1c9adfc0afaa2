/**
 * What of an event's way is traced: receiving it (verify, plan, commit), and each attempt to deliver it with its calls to
 * Slack. The trace context is journaled with the event, so that all of it is one trace. Nothing here throws or waits.
 */
import type { CallFacts } from './telemetry.ts';
import { readTraceparent, writeTraceparent } from './traceparent.ts';

/** No message text, no part of a body. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface ReceivingSpan {
  /** To be journaled with the event, and given to `attempting`: a `traceparent`. Null: it belongs to no trace. */
  readonly trace: string | null;
  /** The step of this name has ended; it began where the one before did, or with the span. */
  passed(step: 'verify' | 'plan' | 'commit'): void;
  end(attributes: SpanAttributes): void;
}

interface AttemptSpan {
  /** Runs the attempt: the calls to Slack that it makes are parts of the span. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** `failed`: what was tried did not come about. */
  end(attributes: SpanAttributes, failed: boolean): void;
}

export interface Tracing {
  /**
   * A webhook that arrived now. `header`: its `traceparent`, which is continued where it is well formed. Ask for nothing
   * that is not verified yet to be ended: it is not told to anybody.
   */
  receiving(header: unknown): ReceivingSpan;
  /** What is tried now, for the events of these traces: the first leads. */
  attempting(traces: readonly (string | null)[]): AttemptSpan;
  /** A call to Slack that has ended, in the attempt that runs it. */
  called(facts: CallFacts): void;
}

const NO_RECEIVING: ReceivingSpan = { trace: null, passed: () => undefined, end: () => undefined };
const NO_ATTEMPT: AttemptSpan = { during: (work) => work(), end: () => undefined };

/** Makes no spans. The sender's trace context is kept nevertheless, for an instance that does. */
export const NO_TRACING: Tracing = {
  receiving(header) {
    const given = header === undefined ? null : readTraceparent(header);
    return given === null ? NO_RECEIVING : { ...NO_RECEIVING, trace: writeTraceparent(given) };
  },
  attempting: () => NO_ATTEMPT,
  called: () => undefined,
};
