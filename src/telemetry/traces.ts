/** Traces of the service: made where a collector is configured, else nothing. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { NO_TRACING, type Tracing } from '../core/tracing.ts';
import { SpanQueue } from './span-queue.ts';
import { type OtlpSettings, traceSettings } from './trace-settings.ts';
import { createTracer } from './tracer.ts';

/** Spans wait so long for the exporter to be loaded, so that this does not hold up the start. */
const LOAD_AFTER_MS = 500;
/** What a collector has to take the last spans. */
const CLOSE_WITHIN_MS = 2_000;

export interface TracesParts {
  /** As the config has it; null leaves it to the environment. */
  readonly otlp: OtlpSettings | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

export interface Traces {
  readonly tracing: Tracing;
  /** Null where nothing is traced. */
  readonly counts: (() => { readonly exported: number; readonly dropped: number }) | null;
  /** Loads what exports, a moment later: call it when the service is ready. */
  start(): void;
  /** Exports the last, within 2 s. Idempotent. */
  close(): Promise<void>;
}

export function createTraces({ otlp, environment, clock, log }: TracesParts): Traces {
  const settings = traceSettings(otlp, environment, (variable) => {
    log.warn({ variable }, 'the value of this variable cannot be used; it counts as not set');
  });
  if (settings === null) {
    return { tracing: NO_TRACING, counts: null, start: () => undefined, close: () => Promise.resolve() };
  }
  const queue = new SpanQueue({ settings, clock, log });
  let cancel = (): void => undefined;
  return {
    tracing: createTracer({ sampling: settings.sampling, sink: queue.add, clock }),
    counts: () => queue.counts(),
    start() {
      cancel = clock.after(LOAD_AFTER_MS, () => queue.start());
    },
    close() {
      cancel();
      return queue.close(CLOSE_WITHIN_MS);
    },
  };
}
