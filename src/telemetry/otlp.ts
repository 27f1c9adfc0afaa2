/** OpenTelemetry's own batches and exporter: OTLP over HTTP. Loaded only where spans are to be exported. */
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { VERSION } from '../core/version.ts';
import type { Span } from './span.ts';
import type { TraceSettings } from './trace-settings.ts';

/** Between the first span of a batch and its export. */
const BATCH_EVERY_MS = 1_000;

export interface OtlpOptions extends Pick<TraceSettings, 'url' | 'headers' | 'serviceName'> {
  /** Spans that may wait. */
  readonly capacity: number;
  /** A batch has left: so many spans, and why they were not taken; null where they were. */
  readonly onBatch: (spans: number, fault: Error | null) => void;
}

export interface Otlp {
  send(span: Span): void;
  /** Exports what waits, and ends. May take as long as the collector does. */
  shutdown(): Promise<void>;
}

export function createOtlp({ url, headers, serviceName, capacity, onBatch }: OtlpOptions): Otlp {
  const revealed = Object.fromEntries([...headers].map(([name, value]) => [name, value.reveal()]));
  const exporter = new OTLPTraceExporter({ url, headers: revealed });
  const processor = new BatchSpanProcessor({
    maxQueueSize: capacity,
    scheduledDelayMillis: BATCH_EVERY_MS,
    exporter: {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          // 0: taken. The constants are in a package of their own.
          onBatch(spans.length, result.code === 0 ? null : (result.error ?? new Error('not taken')));
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    },
  });
  const resource = resourceFromAttributes({ 'service.name': serviceName, 'service.version': VERSION }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  return {
    send: (span) => processor.onEnd(readable(span, resource)),
    shutdown: () => processor.shutdown(),
  };
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

const SAMPLED = { traceFlags: TraceFlags.SAMPLED };

function readable({ kind, traceId, spanId, parent, startMs, endMs, ...span }: Span, resource: Resource): ReadableSpan {
  const context = { traceId, spanId, ...SAMPLED };
  return {
    name: span.name,
    kind: KINDS[kind],
    spanContext: () => context,
    ...(parent && { parentSpanContext: { traceId, ...SAMPLED, spanId: parent.spanId, isRemote: parent.remote } }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: { code: span.failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: { ...span.attributes },
    links: span.links.map((link) => ({ context: { ...link, ...SAMPLED } })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'alo-relay', version: VERSION },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
}
