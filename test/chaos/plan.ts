/**
 * The plan of a run, made from its seed alone: events, lives of the service and how each ends, and the mischief in
 * between. When exactly things happen is up to the machine; what is done is not.
 *
 * A run has acts. Before an act's last lives, which prune, every event sent so far has its answer: while they last, a
 * key is kept so shortly that a sender's next attempt would be a new event, and rightly so.
 */
import type { FaultPoint } from '../../src/core/fault-point.ts';
import { EventMaker, type PlannedEvent } from './events.ts';
import { deck, Random } from './random.ts';
import type { Mode } from './scenery.ts';

export interface PlanOptions {
  readonly mode: Mode;
  /** A whole number of 32 bits. */
  readonly seed: number;
  readonly events: number;
  /** Those that cannot die of themselves included. */
  readonly kills: number;
}

export interface Plan extends PlanOptions {
  /** Lives that are killed while the journal comes into being. */
  readonly migrating: number;
  readonly acts: readonly Act[];
  /** Whether the workspace's quota is reached: only a long run has the minutes that the relay waits then. */
  readonly quota: boolean;
  /** Messages a second that the relay may send to one conversation. */
  readonly perSecond: number;
  /** When it is quiet: whole minutes after the run's first. They do not touch. */
  readonly quiet: readonly QuietMinutes[];
}

export interface QuietMinutes {
  readonly from: number;
  readonly length: 1 | 2;
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

export type LifeEnd =
  /** SIGKILL so long after its start, which may be before it is ready. */
  | { readonly kind: 'any time'; readonly afterMs: number }
  /** SIGTERM so long after its start: it has to end by itself, with 0 and in time. */
  | { readonly kind: 'asked to stop'; readonly afterMs: number }
  /** Dies by itself when it passes the point for the nth time. */
  | { readonly kind: 'at point'; readonly point: FaultPoint; readonly nth: number };

const MISCHIEF = [
  'outage',
  'token revoked',
  'channel archived',
  'card deleted',
  'workspace limited',
  'replay',
] as const;

/** Something that is done to the workspace for a while. */
export interface Mischief {
  readonly kind: (typeof MISCHIEF)[number];
  /** After the life's start. */
  readonly afterMs: number;
  readonly forMs: number;
}

/** The points that a life with ordinary traffic passes, and how often at least. */
const POINTS: Readonly<Record<Exclude<FaultPoint, 'prune.before-commit' | 'migrate.before-commit'>, number>> = {
  'accept.before-commit': 8,
  'accept.before-answer': 8,
  'accept.answered': 8,
  'deliver.posted': 8,
  'deliver.between-root-and-reply': 1,
  'deliver.updated': 4,
  'deliver.adopted': 1,
  'settle.before-commit': 8,
};

/** Kills at each point, where there are many. */
const KILLS_AT_EACH = 13;
/** Beside so many kills, one life is asked to stop. */
const STOPPED_OF = 20;
/** Events from which on a run lasts long enough for the quota. */
const LONG_RUN = 10_000;
/** Acts of a run: each ends with pruning. */
const EVENTS_PER_ACT = 7_000;

export function makePlan(options: PlanOptions): Plan {
  const { mode, seed, events, kills } = options;
  const random = new Random(seed, 'lives');
  const perPoint = Math.max(1, Math.min(KILLS_AT_EACH, Math.floor(kills / 14)));
  const points = pointsOf(POINTS);
  const prunings = perPoint;
  // As many again are killed while they migrate, before the first act.
  const others = Math.max(1, kills - perPoint * (points.length + 2));
  const meanMs = kills >= 100 ? 3_500 : 1_800;
  const ends = random.shuffled<LifeEnd>([
    ...points.flatMap((point) =>
      Array.from({ length: perPoint }, () => ({ kind: 'at point', point, nth: random.int(1, POINTS[point]) }) as const),
    ),
    ...Array.from(
      { length: Math.ceil(kills / STOPPED_OF) },
      () => ({ kind: 'asked to stop', afterMs: random.int(1_500, meanMs * 2) }) as const,
    ),
    ...Array.from({ length: others }, () => ({ kind: 'any time', afterMs: random.int(50, meanMs * 2) }) as const),
  ]);
  const maker = new EventMaker(new Random(seed, 'events'), `msg_chaos_${seed}`, mode);
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
      const flavour = end.kind === 'at point' && end.point === 'deliver.between-root-and-reply' ? 'orphans' : 'plain';
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
  return { ...options, migrating: perPoint, acts, quota, ...paceFor(mode, all, new Random(seed, 'quiet')) };
}

/** Far more than there is to send. */
const UNPACED = 10_000;
/** How long a life lasts until it dies at its point, and until it is ready. */
const TO_POINT_MS = 1_500;
const TO_READY_MS = 700;

/** Where deliveries are to be merged, more comes in a life than the lanes may send. */
function paceFor(mode: Mode, lives: readonly Life[], random: Random): Pick<Plan, 'perSecond' | 'quiet'> {
  if (mode === 'singly') return { perSecond: UNPACED, quiet: [] };
  const eventCount = lives.reduce((sum, life) => sum + life.events.length, 0);
  const ms = lives.reduce(
    (sum, { end }) => sum + TO_READY_MS + (end.kind === 'at point' ? TO_POINT_MS : end.afterMs),
    0,
  );
  const perSecond = Math.min(3, Math.max(1.5, eventCount / lives.length / 40));
  const quiet: QuietMinutes[] = [];
  for (let from = 0; from * 60_000 < ms; ) {
    const length = quiet.length === 0 ? 1 : random.pick([1, 2] as const);
    quiet.push({ from, length });
    from += length + 1;
  }
  return { perSecond, quiet };
}

/** How many of `total` belong to part `index` of `parts`. */
function sliceSize(total: number, index: number, parts: number): number {
  return Math.floor((total * (index + 1)) / parts) - Math.floor((total * index) / parts);
}

function share<T>(items: readonly T[], index: number, parts: number): readonly T[] {
  return items.slice(Math.floor((items.length * index) / parts), Math.floor((items.length * (index + 1)) / parts));
}

function pointsOf<Name extends string>(table: Readonly<Record<Name, number>>): Name[] {
  return Object.keys(table).filter((name): name is Name => name in table);
}

/** Only a life that lasts has time for mischief. */
function mischiefFor(end: LifeEnd, tricks: Generator<Mischief['kind'], never>, random: Random): Mischief[] {
  if (end.kind === 'at point' || end.afterMs < 1_000) return [];
  const room = Math.min(4, Math.floor(end.afterMs / 1_000));
  return Array.from({ length: room }, () => ({
    kind: tricks.next().value,
    afterMs: random.int(400, end.afterMs),
    forMs: random.int(200, 1_200),
  }));
}
