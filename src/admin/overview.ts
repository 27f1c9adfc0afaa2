/** How the service is, in one answer: ready or not, its config, what waits. */
import { type Clock, within } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { Problem } from '../core/problem.ts';
import type { SourceActivity } from '../history/silence.ts';
import type { OverviewView } from '../history/views.ts';
import type { Backlog, Journal, Tally } from '../journal/contract.ts';

interface Check {
  readonly ok: boolean;
  readonly detail?: string;
  readonly code?: string;
  readonly since?: string;
}

/** As the public listener's /readyz says it. */
interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<OverviewView['checks'][number]['name'], Check>>;
}

/** The config in force, and what is wrong with the files as they are now. */
export interface ConfigState {
  readonly file: string;
  /** ms since the epoch. */
  readonly loadedAt: number;
  readonly problems: readonly Problem[];
}

export interface OverviewParts {
  readonly readiness: () => Promise<Readiness>;
  readonly config: () => ConfigState;
  readonly journal: Pick<Journal, 'tally' | 'backlog'>;
  readonly sources: () => Promise<readonly SourceActivity[]>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
}

interface Counted {
  readonly tally: Tally;
  readonly backlog: Pick<Backlog, 'lanes' | 'oldestAt'>;
}

/** What counting costs is spent seldom, however many pages look: a hundredth of the time at most. */
export const AS_MANY_LOOK = { atLeastMs: 1_000, timesItTook: 100 } as const;

/** A journal that takes longer does not keep anybody from hearing so. */
const COUNT_WITHIN_MS = 3_000;

const NOTHING: Tally = {
  held: 0,
  pending: 0,
  sending: 0,
  sent: 0,
  merged: 0,
  superseded: 0,
  dead: 0,
  parked: 0,
  dismissed: 0,
};

/**
 * Counting takes a while in a large journal, and is done seldom. While the journal is away, which the checks say, the
 * numbers stay what they were.
 */
export function createOverview({
  readiness,
  config,
  journal,
  sources,
  clock,
}: OverviewParts): () => Promise<OverviewView> {
  let active: readonly SourceActivity[] = [];
  let last: Counted = { tally: NOTHING, backlog: { lanes: 0, oldestAt: null } };
  const count = memoizeFor({ ...AS_MANY_LOOK, clock }, async () => {
    last = { tally: await journal.tally(), backlog: await journal.backlog(0) };
  });
  return async () => {
    const counted = within(COUNT_WITHIN_MS, clock, Promise.all([sources(), count().catch(() => undefined)]));
    const [{ ready, checks }, asked] = await Promise.all([readiness(), counted]);
    active = asked?.[0] ?? active;
    const { tally, backlog } = last;
    const { file, loadedAt, problems } = config();
    return {
      ready,
      checks: (['journal', 'slack', 'config'] as const).map((name) => {
        const { ok, detail = null, code = null, since = null } = checks[name];
        return { name, ok, detail, code, since };
      }),
      config: { file, loaded_at: iso(loadedAt), problems: problems.map(problemView) },
      tally,
      lanes: {
        unfinished: backlog.lanes,
        oldest_at: backlog.oldestAt === null ? null : iso(backlog.oldestAt),
      },
      sources: active.map(sourceView),
    };
  };
}

function sourceView({ source, lastAt, usualMs, silent }: SourceActivity): OverviewView['sources'][number] {
  return {
    source,
    last_at: lastAt === null ? null : iso(lastAt),
    usual_seconds: usualMs === null ? null : usualMs / 1000,
    silent,
  };
}

function problemView({ file, line, column, message, remedy }: Problem) {
  return { file, line, column, message, remedy: remedy ?? null };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
