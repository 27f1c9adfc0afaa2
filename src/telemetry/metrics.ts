/** The service in numbers: counted as it works, asked for at a scrape, written for Prometheus. */
import { type Clock, within } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { Telemetry } from '../core/telemetry.ts';
import { VERSION } from '../core/version.ts';
import type { Series } from './counts.ts';
import { type DiskUse, diskUse } from './disk.ts';
import type { Exposition, Readings } from './exposition.ts';
import { Recorder } from './recorder.ts';

/** Below the shortest scrape interval that is usual, so that each scrape sees something new. */
const KEPT_MS = 5_000;
/** Prometheus gives up after 10 s by default, and would have nothing at all. */
const WITHIN_MS = 2_000;
/** At most one part in so many of the time is spent on answering. */
const SHARE = 20;

/** What the journal has to do still. */
export interface Backlog {
  readonly unfinished: Readonly<Record<'pending' | 'sending' | 'held', number>>;
  /** What did not arrive, and was neither replayed nor dismissed. */
  readonly failed: Readonly<Record<'dead' | 'parked', number>>;
  /** Lanes with something unfinished. */
  readonly lanes: number;
  /** ms since the epoch: when the oldest pending one was accepted; null where nothing waits. */
  readonly oldestAt: number | null;
}

export interface MetricsParts {
  /** The names of the sources, as configured now. */
  readonly sources: () => readonly string[];
  /** Asks the journal. */
  readonly backlog: () => Promise<Backlog>;
  /** The journal's file; null for a database elsewhere. */
  readonly journalPath: string | null;
  readonly readiness: () => Promise<{ readonly checks: Readonly<Record<string, { readonly ok: boolean }>> }>;
  /** Whether Slack refuses us now. */
  readonly paused: () => boolean;
  /** What became of the spans of traces so far; left out where nothing is traced. */
  readonly spans?: () => { readonly exported: number; readonly dropped: number };
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
}

export interface Metrics {
  /** Where to count: from the start, whether anybody asks or not. */
  readonly telemetry: Telemetry;
  /** What `/metrics` answers. Takes a few seconds at most; what cannot be known in that time is left out. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetrics(parts: MetricsParts): Metrics {
  const { clock } = parts;
  const recorder = new Recorder();
  const startedAt = clock.now();
  const { journalPath } = parts;
  /** Null: no answer in time, or none at all. One that is late is there for the next; until it is, nobody asks again. */
  const asking = <T>(atLeastMs: number, ask: () => Promise<T>): (() => Promise<T | null>) => {
    const answer = memoizeFor({ atLeastMs, timesItTook: SHARE, clock }, () => ask().catch(() => null));
    return () => within(WITHIN_MS, clock, answer());
  };
  const backlogNow = asking(KEPT_MS, parts.backlog);
  const diskNow = asking(KEPT_MS, async () => (journalPath === null ? null : diskUse(journalPath)));
  const readinessNow = asking(0, parts.readiness);
  let loading: Promise<Exposition> | null = null;
  return {
    telemetry: recorder,
    async render() {
      loading ??= import('./exposition.ts').then(({ createExposition }) => createExposition(recorder));
      const [exposition, backlog, disk, readiness] = await Promise.all([
        loading,
        backlogNow(),
        diskNow(),
        readinessNow(),
      ]);
      for (const source of parts.sources()) recorder.knows(source);
      const spans = parts.spans?.();
      if (spans !== undefined) recorder.spans(spans);
      const readings = {
        ...ofService({ recorder, startedAt, paused: parts.paused() }),
        ...ofChecks(readiness?.checks ?? { journal: { ok: false } }),
        ...ofBacklog(backlog, clock.now()),
        ...ofDisk(disk),
      };
      return { contentType: exposition.contentType, body: await exposition.render(readings) };
    },
  };
}

interface ServiceState {
  readonly recorder: Recorder;
  readonly startedAt: number;
  readonly paused: boolean;
}

type ServiceReadings = Pick<
  Readings,
  | 'alo_relay_build_info'
  | 'alo_relay_slack_paused'
  | 'alo_relay_config_last_reload_successful'
  | 'alo_relay_config_last_reload_timestamp_seconds'
>;

function ofService({ recorder, startedAt, paused }: ServiceState): ServiceReadings {
  const { ok, at } = recorder.lastReload ?? { ok: true, at: startedAt };
  return {
    alo_relay_build_info: [{ labels: [VERSION, process.version], value: 1 }],
    alo_relay_slack_paused: one(Number(paused)),
    alo_relay_config_last_reload_successful: one(Number(ok)),
    alo_relay_config_last_reload_timestamp_seconds: one(at / 1000),
  };
}

function ofChecks(checks: Readonly<Record<string, { readonly ok: boolean }>>): Pick<Readings, 'alo_relay_check_ok'> {
  const series = Object.entries(checks).map(([name, { ok }]) => ({ labels: [name], value: Number(ok) }));
  return { alo_relay_check_ok: series };
}

type BacklogReadings = Pick<
  Readings,
  | 'alo_relay_journal_up'
  | 'alo_relay_deliveries_unfinished'
  | 'alo_relay_deliveries_failed'
  | 'alo_relay_lanes_unfinished'
  | 'alo_relay_oldest_pending_age_seconds'
>;

function ofBacklog(backlog: Backlog | null, now: number): BacklogReadings {
  const byState = (counts: Readonly<Record<string, number>> = {}) =>
    Object.entries(counts).map(([state, value]) => ({ labels: [state], value }));
  const ageMs = backlog === null || backlog.oldestAt === null ? 0 : Math.max(0, now - backlog.oldestAt);
  return {
    alo_relay_journal_up: one(backlog === null ? 0 : 1),
    alo_relay_deliveries_unfinished: byState(backlog?.unfinished),
    alo_relay_deliveries_failed: byState(backlog?.failed),
    alo_relay_lanes_unfinished: backlog === null ? [] : one(backlog.lanes),
    alo_relay_oldest_pending_age_seconds: backlog === null ? [] : one(ageMs / 1000),
  };
}

type DiskReadings = Pick<
  Readings,
  'alo_relay_journal_size_bytes' | 'alo_relay_journal_disk_free_bytes' | 'alo_relay_journal_disk_size_bytes'
>;

function ofDisk(disk: DiskUse | null): DiskReadings {
  return {
    alo_relay_journal_size_bytes: disk === null ? [] : one(disk.journalBytes),
    alo_relay_journal_disk_free_bytes: disk === null ? [] : one(disk.freeBytes),
    alo_relay_journal_disk_size_bytes: disk === null ? [] : one(disk.diskBytes),
  };
}

/** Of a gauge without labels. */
function one(value: number): readonly Series[] {
  return [{ labels: [], value }];
}
