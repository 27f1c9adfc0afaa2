/** All that watches the service as it works, put together: metrics, traces, and whoever else listens. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { type CallFacts, type Telemetry, telemetryFor } from '../core/telemetry.ts';
import type { Tracing } from '../core/tracing.ts';
import type { Backlog as JournalBacklog } from '../journal/inspection.ts';
import type { JournalSettings } from '../journal/settings.ts';
import { createMetrics, type Metrics, type MetricsParts } from './metrics.ts';
import type { OtlpSettings } from './trace-settings.ts';
import { createTraces } from './traces.ts';

export interface ObservationParts extends Pick<MetricsParts, 'sources' | 'readiness' | 'paused'> {
  /** As the config has it. */
  readonly telemetry: { readonly otlp: OtlpSettings | null };
  readonly journal: JournalSettings;
  readonly backlog: () => Promise<Pick<JournalBacklog, 'byState' | 'failed' | 'lanes' | 'oldestPendingAt'>>;
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
  /** Loads what is not needed to become ready. */
  start(): void;
  /** Sends what is still to be sent, within 2 s. Idempotent. */
  close(): Promise<void>;
}

export function createObservation(parts: ObservationParts): Observation {
  const { clock, log, environment, journal } = parts;
  const traces = createTraces({ otlp: parts.telemetry.otlp, environment, clock, log });
  const metrics = createMetrics({
    ...parts,
    backlog: async () => {
      const { byState, failed, lanes, oldestPendingAt } = await parts.backlog();
      return { unfinished: byState, failed, lanes, oldestAt: oldestPendingAt };
    },
    journalPath: journal.kind === 'sqlite' ? journal.path : null,
    ...(traces.counts !== null && { spans: traces.counts }),
  });
  const traced = { slackCall: (facts: CallFacts) => traces.tracing.called(facts) };
  return {
    telemetry: telemetryFor(metrics.telemetry, traced, ...parts.listeners),
    tracing: traces.tracing,
    metrics,
    start: traces.start,
    close: traces.close,
  };
}
