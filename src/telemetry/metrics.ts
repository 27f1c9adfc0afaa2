/** The service in numbers: counted as it works, asked for at a scrape, written by prom-client. */
import { collectDefaultMetrics, type Gauge } from 'prom-client';
import { type Clock, within } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { Telemetry } from '../core/telemetry.ts';
import { VERSION } from '../core/version.ts';
import type { Backlog } from '../journal/contract.ts';
import { diskUse } from './disk.ts';
import { Instruments } from './instruments.ts';
import { Recorder } from './recorder.ts';

/** Below the shortest scrape interval that is usual, so that each scrape sees something new. */
const KEPT_MS = 5_000;
/** Prometheus gives up after 10 s by default, and would have nothing at all. */
const WITHIN_MS = 2_000;
/** At most one part in so many of the time is spent on answering. */
const SHARE = 20;

export interface MetricsParts {
  /** The names of the sources, as configured now. */
  readonly sources: () => readonly string[];
  /** When the last event of each source came in (ms since the epoch), and whether that is too long ago. */
  readonly activity: () => Promise<
    readonly { readonly source: string; readonly lastAt: number | null; readonly silent: boolean }[]
  >;
  /** Asks the journal. */
  readonly backlog: () => Promise<Pick<Backlog, 'byState' | 'failed' | 'lanes' | 'oldestPendingAt'>>;
  /** The journal's file; null for a database elsewhere. */
  readonly journalPath: string | null;
  readonly readiness: () => Promise<{ readonly checks: Readonly<Record<string, { readonly ok: boolean }>> }>;
  /** Whether Slack refuses us now. */
  readonly paused: () => boolean;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
}

export interface Metrics {
  /** Where to count. */
  readonly telemetry: Telemetry;
  /** What became of so many spans of traces. */
  readonly spans: (result: 'exported' | 'dropped', count: number) => void;
  /** What `/metrics` answers. Takes a few seconds at most; what cannot be known in that time is left out. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetrics(parts: MetricsParts): Metrics {
  const { clock, journalPath } = parts;
  const instruments = new Instruments();
  const { registry } = instruments;
  const recorder = new Recorder(instruments);
  const startedAt = clock.now();
  /** Null: no answer in time, or none at all. One that is late is there for the next; until it is, nobody asks again. */
  const asking = <T>(atLeastMs: number, ask: () => Promise<T>): (() => Promise<T | null>) => {
    const answer = memoizeFor({ atLeastMs, timesItTook: SHARE, clock }, () => ask().catch(() => null));
    return () => within(WITHIN_MS, clock, answer());
  };
  const backlogNow = asking(KEPT_MS, parts.backlog);
  const diskNow = asking(KEPT_MS, async () => (journalPath === null ? null : diskUse(journalPath)));
  const activityNow = asking(0, parts.activity);
  const readinessNow = asking(0, parts.readiness);

  function showService(checks: Readonly<Record<string, { readonly ok: boolean }>>): void {
    const { ok, at } = recorder.lastReload ?? { ok: true, at: startedAt };
    instruments.build.set({ version: VERSION, node: process.version }, 1);
    instruments.paused.set(Number(parts.paused()));
    instruments.reloadOk.set(Number(ok));
    instruments.reloadSeconds.set(at / 1000);
    instruments.checks.reset();
    for (const [check, { ok: passed }] of Object.entries(checks)) instruments.checks.set({ check }, Number(passed));
  }

  function showBacklog(backlog: Awaited<ReturnType<MetricsParts['backlog']>> | null): void {
    instruments.journalUp.set(backlog === null ? 0 : 1);
    for (const [gauge, byState] of [
      [instruments.unfinished, backlog?.byState],
      [instruments.failed, backlog?.failed],
    ] as const) {
      gauge.reset();
      for (const [state, count] of Object.entries(byState ?? {})) gauge.set({ state }, count);
    }
    show(instruments.lanes, backlog?.lanes);
    const oldestAt = backlog?.oldestPendingAt ?? clock.now();
    show(instruments.oldestSeconds, backlog === null ? undefined : Math.max(0, clock.now() - oldestAt) / 1000);
  }

  let isCollecting = false;
  return {
    telemetry: recorder,
    spans: recorder.spans,
    async render() {
      // They watch the event loop and the collector: a service that nobody scrapes is spared that.
      if (!isCollecting) collectDefaultMetrics({ register: registry });
      isCollecting = true;
      const asked = Promise.all([backlogNow(), diskNow(), readinessNow(), activityNow()]);
      const [backlog, disk, readiness, activity] = await asked;
      for (const source of parts.sources()) recorder.knows(source);
      showService(readiness?.checks ?? { journal: { ok: false } });
      showBacklog(backlog);
      showSources(instruments, activity ?? []);
      show(instruments.journalBytes, disk?.journalBytes);
      show(instruments.diskFreeBytes, disk?.freeBytes);
      show(instruments.diskBytes, disk?.diskBytes);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function showSources(
  { silent: silence, lastEventSeconds }: Instruments,
  activity: Awaited<ReturnType<MetricsParts['activity']>>,
): void {
  silence.reset();
  lastEventSeconds.reset();
  for (const { source, lastAt, silent } of activity) {
    silence.set({ source }, Number(silent));
    if (lastAt !== null) lastEventSeconds.set({ source }, lastAt / 1000);
  }
}

/** A gauge without labels is 0 as long as it was not set: what is not known is not shown at all. */
function show(gauge: Gauge<never>, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}
