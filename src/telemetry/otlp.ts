/** OpenTelemetry's SDK, set up for the service: OTLP over HTTP. Loaded only where spans are to be exported. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { type Clock, within } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Tracing } from '../core/tracing.ts';
import { VERSION } from '../core/version.ts';
import type { TraceSettings } from './trace-settings.ts';
import { createTracing } from './tracer.ts';

/** Spans that may wait, those under way included. */
const CAPACITY = 2_048;
/** Between the first span of a batch and its export. */
const BATCH_EVERY_MS = 1_000;
/** What a collector has to take the last spans. */
const CLOSE_WITHIN_MS = 2_000;
/** Ids of senders may be long. */
const LONGEST_VALUE = 256;

export interface OtlpParts {
  readonly settings: TraceSettings;
  /** Told what became of so many spans. */
  readonly onSpans: (result: 'exported' | 'dropped', count: number) => void;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

export interface Otlp {
  readonly tracing: Tracing;
  /** Exports what waits, within 2 s; what has not gone then is dropped. Idempotent. */
  close(): Promise<void>;
}

export function createOtlp({ settings, onSpans, clock, log }: OtlpParts): Otlp {
  const headers = Object.fromEntries([...settings.headers].map(([name, value]) => [name, value.reveal()]));
  const exporter = new OTLPTraceExporter({ url: settings.url, headers });
  const counts = new SpanCounts(onSpans, log);
  const batches = new BatchSpanProcessor({
    maxQueueSize: CAPACITY,
    scheduledDelayMillis: BATCH_EVERY_MS,
    exporter: {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          // 0: taken. The constants are in a package of their own.
          counts.left(spans.length, result.code === 0 ? null : (result.error ?? new Error('not taken')));
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    },
  });
  const bounded: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => {
      if (counts.admits()) batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
  const provider = createProvider(settings, bounded);
  let closing: Promise<void> | null = null;
  return {
    tracing: createTracing(provider.getTracer('alo-relay', VERSION), clock),
    close: () => (closing ??= counts.close(provider.shutdown(), clock)),
  };
}

/** The SDK's own tracers, whose spans go to `processor`. */
export function createProvider(
  { serviceName, sampling }: Pick<TraceSettings, 'serviceName' | 'sampling'>,
  processor: SpanProcessor,
): TracerProvider {
  const root = new TraceIdRatioBasedSampler(sampling.ratio);
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': VERSION }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    sampler: sampling.parentBased ? new ParentBasedSampler({ root }) : root,
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [processor],
  });
}

/** What becomes of spans: a collector that is slow or down loses some, and holds nothing up. */
class SpanCounts {
  readonly #tell: OtlpParts['onSpans'];
  readonly #log: OtlpParts['log'];
  /** Admitted, of unknown fate. */
  #waiting = 0;
  #isFailing = false;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(tell: OtlpParts['onSpans'], log: OtlpParts['log']) {
    this.#tell = tell;
    this.#log = log;
    tell('exported', 0);
    tell('dropped', 0);
  }

  /** Where there is no room for a span that ended, it is dropped. */
  admits(): boolean {
    const admitted = this.#state === 'open' && this.#waiting < CAPACITY;
    if (admitted) this.#waiting += 1;
    else this.#tell('dropped', 1);
    return admitted;
  }

  left(count: number, fault: Error | null): void {
    // Given up already, and counted so.
    if (this.#state === 'closed') return;
    this.#waiting -= count;
    this.#tell(fault === null ? 'exported' : 'dropped', count);
    if ((fault !== null) === this.#isFailing) return;
    this.#isFailing = fault !== null;
    // The error's text may be anything that a collector answers, or an address with a password.
    if (fault === null) this.#log.info('traces are exported again');
    else this.#log.warn({ code: codeOf(fault) }, 'traces are not taken by the collector: they are dropped');
  }

  async close(shutdown: Promise<void>, clock: OtlpParts['clock']): Promise<void> {
    this.#state = 'closing';
    await within(
      CLOSE_WITHIN_MS,
      clock,
      shutdown.catch(() => undefined),
    );
    this.#state = 'closed';
    this.#tell('dropped', this.#waiting);
  }
}

function codeOf(fault: Error): string {
  const code = 'code' in fault ? fault.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : fault.name;
}
