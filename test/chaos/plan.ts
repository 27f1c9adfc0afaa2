/**
 * The plan of a run, made from its seed alone: events, lives of the service and how each ends, and the mischief in
 * between. When exactly things happen is up to the machine; what is done is not.
 *
 * A run has acts. Before an act's last lives, which prune, every event sent so far has its answer: while they last, a
 * key is kept so shortly that a sender's next attempt would be a new event, and rightly so.
 */
import { EventMaker, type PlannedEvent } from './events.ts';
import {
  deathAt,
  expectedMs,
  isAboutRoots,
  type LifeEnd,
  MISCHIEF,
  type Mischief,
  mischiefFor,
  TRAFFIC_POINTS,
} from './life.ts';
import { type Pace, paceFor } from './pace.ts';
import { deck, Random } from './random.ts';
import type { Mode } from './scenery.ts';

export interface PlanOptions {
  readonly mode: Mode;
  /** A whole number of 32 bits. */
  readonly seed: number;
  readonly events: number;
  /** Those that cannot die of themselves included. */
  readonly kills: number;
  /** Times that the power goes, beside the kills; the journal is then on a disk that can lose it. 0 without it. */
  readonly powerLosses?: number;
}

/** What a run is, whatever happens in it. */
export interface RunPlan extends PlanOptions, Pace {
  /** Processes that share one journal. */
  readonly instances: number;
  readonly powerLosses: number;
  /** Whether the workspace's quota is reached: only a long run has the minutes that the relay waits then. */
  readonly quota: boolean;
}

/** One process on a journal of its own. */
export interface Plan extends RunPlan {
  /** Lives that are killed while the journal comes into being. */
  readonly migrating: number;
  readonly acts: readonly Act[];
}

interface Act {
  readonly lives: readonly Life[];
  /** Lives that prune. */
  readonly pruning: readonly Life[];
}

export interface Life {
  readonly number: number;
  /** Sent first while it lives. */
  readonly events: readonly PlannedEvent[];
  readonly end: LifeEnd;
  readonly mischief: readonly Mischief[];
}

/** Kills at each point, where there are many. */
const KILLS_AT_EACH = 13;
/** Beside so many kills, one life is asked to stop. */
const STOPPED_OF = 20;
/** Events from which on a run lasts long enough for the quota. */
export const LONG_RUN = 10_000;
/** Acts of a run: each ends with pruning. */
const EVENTS_PER_ACT = 7_000;

export function makePlan(options: PlanOptions): Plan {
  const { mode, seed, events, kills, powerLosses = 0 } = options;
  const random = new Random(seed, 'lives');
  const perPoint = Math.max(1, Math.min(KILLS_AT_EACH, Math.floor(kills / 14)));
  const prunings = perPoint;
  // As many again are killed while they migrate, before the first act.
  const others = Math.max(1, kills - perPoint * (TRAFFIC_POINTS.length + 2));
  const meanMs = kills >= 100 ? 3_500 : 1_800;
  const ends = random.shuffled<LifeEnd>([
    ...TRAFFIC_POINTS.flatMap((point) => Array.from({ length: perPoint }, () => deathAt(point, random))),
    ...Array.from(
      { length: Math.ceil(kills / STOPPED_OF) },
      () => ({ kind: 'asked to stop', afterMs: random.int(1_500, meanMs * 2) }) as const,
    ),
    ...Array.from({ length: others }, () => ({ kind: 'any time', afterMs: random.int(50, meanMs * 2) }) as const),
    ...Array.from(
      { length: powerLosses },
      () => ({ kind: 'power loss', afterMs: random.int(50, meanMs * 2) }) as const,
    ),
  ]);
  const maker = new EventMaker(new Random(seed, 'events'), `msg_chaos_${seed}`, { mode });
  const tricks = deck(MISCHIEF, new Random(seed, 'mischief'));
  const quota = events >= LONG_RUN;
  const actCount = Math.max(1, Math.min(prunings, Math.round(events / EVENTS_PER_ACT)));
  let number = 0;
  const life = (end: LifeEnd, planned: readonly PlannedEvent[]): Life => {
    number += 1;
    return { number, events: planned, end, mischief: mischiefFor(end, tricks, random) };
  };
  const acts = Array.from({ length: actCount }, (_, act): Act => {
    const mine = share(ends, act, actCount);
    const budget = sliceSize(events, act, actCount);
    const lives = mine.map((end, index) => {
      const flavour = isAboutRoots(end) ? 'orphans' : 'plain';
      const first = quota && act === 0 && index === 0 ? maker.quotaNews() : [];
      const count = Math.max(0, sliceSize(budget, index, mine.length) - first.length);
      return life(end, [...first, ...maker.make(count, flavour)]);
    });
    const pruning = Array.from({ length: sliceSize(prunings, act, actCount) }, (_, index) =>
      life({ kind: 'at point', point: 'prune.before-commit', nth: 1 + ((index + 1) % 3) }, []),
    );
    return { lives, pruning };
  });
  const all = acts.flatMap(({ lives, pruning }) => [...lives, ...pruning]);
  const pace = paceFor(
    mode,
    { eventsPerLife: events / all.length, ms: all.reduce((sum, { end }) => sum + expectedMs(end), 0) },
    new Random(seed, 'quiet'),
  );
  return { ...options, instances: 1, powerLosses, migrating: perPoint, acts, quota, ...pace };
}

/** How many of `total` belong to part `index` of `parts`. */
function sliceSize(total: number, index: number, parts: number): number {
  return Math.floor((total * (index + 1)) / parts) - Math.floor((total * index) / parts);
}

function share<T>(items: readonly T[], index: number, parts: number): readonly T[] {
  return items.slice(Math.floor((items.length * index) / parts), Math.floor((items.length * (index + 1)) / parts));
}
