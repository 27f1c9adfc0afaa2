/** All that watches the service as it works, put together: metrics, traces, and whoever else listens. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { type CallFacts, type Telemetry, telemetryFor } from '../core/telemetry.ts';
import { NO_TRACING, type Tracing } from '../core/tracing.ts';
import type { JournalSettings } from '../journal/settings.ts';
import { createMetrics, type Metrics, type MetricsParts } from './metrics.ts';
import type { Otlp } from './otlp.ts';
import { type OtlpSettings, traceSettings } from './trace-settings.ts';

export interface ObservationParts extends Omit<MetricsParts, 'journalPath'> {
  /** As the config has it. */
  readonly telemetry: { readonly otlp: OtlpSettings | null };
  readonly journal: JournalSettings;
  /** For what OpenTelemetry reads from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly listeners: readonly Partial<Telemetry>[];
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Observation {
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
  readonly metrics: Pick<Metrics, 'render'>;
  /** Sends what is still to be sent, within 2 s. Idempotent. */
  close(): Promise<void>;
}

export async function createObservation(parts: ObservationParts): Promise<Observation> {
  const { journal } = parts;
  const metrics = createMetrics({ ...parts, journalPath: journal.kind === 'sqlite' ? journal.path : null });
  const otlp = await openOtlp(parts, metrics.spans);
  const { tracing } = otlp;
  const traced = { slackCall: (facts: CallFacts) => tracing.called(facts) };
  return {
    telemetry: telemetryFor(metrics.telemetry, traced, ...parts.listeners),
    tracing,
    metrics,
    close: otlp.close,
  };
}

const NO_TRACES: Otlp = { tracing: NO_TRACING, close: () => Promise.resolve() };

/** OpenTelemetry is loaded where a collector is configured, else nothing is traced. */
async function openOtlp(parts: ObservationParts, onSpans: Metrics['spans']): Promise<Otlp> {
  const { telemetry, environment, clock, log } = parts;
  const settings = traceSettings(telemetry.otlp, environment, (variable) => {
    log.warn({ variable }, 'the value of this variable cannot be used; it counts as not set');
  });
  if (settings === null) return NO_TRACES;
  try {
    const { createOtlp } = await import('./otlp.ts');
    return createOtlp({ settings, onSpans, clock, log });
  } catch (error) {
    log.warn({ err: error }, 'no traces: the exporter cannot be used');
    return NO_TRACES;
  }
}
