/**
 * The plan of a run with several instances on one Postgres, made from its seed alone. Each instance has its own sequence
 * of lives; they go on at the same time. Events belong to the life in which they are sent, by anybody to anybody.
 *
 * All long pauses are the first instance's: while it is silent, others have to be there to take over.
 */
import { EventMaker, QUOTA_CHANNELS } from './events.ts';
import {
  deathAt,
  expectedMs,
  isAboutRoots,
  type LifeEnd,
  MISCHIEF,
  mischiefFor,
  STOPPING_POINTS,
  TRAFFIC_POINTS,
} from './life.ts';
import { paceFor } from './pace.ts';
import { type Life, LONG_RUN, type PlanOptions, type RunPlan } from './plan.ts';
import { deck, Random } from './random.ts';

export interface ClusterOptions extends PlanOptions {
  /** At least 2. */
  readonly instances: number;
  /** Times that an instance is stopped (SIGSTOP) and goes on later. */
  readonly pauses: number;
}

export interface ClusterPlan extends RunPlan {
  readonly pauses: number;
  /** Times that all instances start at once, and die while the journal comes into being. */
  readonly migrations: number;
  /** By instance, one after the other. */
  readonly lives: readonly (readonly ClusterLife[])[];
}

export interface ClusterLife extends Life {
  /** Its events are sent little by little, as long as it may last. */
  readonly lastsMs: number;
  /** One after the other; when they are over, the end is due. */
  readonly pauses: readonly Pause[];
  /** Of the Postgres. */
  readonly outage: Outage | null;
}

export interface Pause {
  /** After it is ready, or after the pause before. */
  readonly afterMs: number;
  /** After a burst of events, so that it is stopped in the middle of something. */
  readonly afterBurstMs: number;
  /** It stops by itself when it passes the point, once and soon; null: it is stopped wherever it is. */
  readonly point: (typeof STOPPING_POINTS)[number] | null;
  readonly forMs: number;
  /** False: it is killed instead. */
  readonly goesOn: boolean;
}

export interface Outage {
  /** `immediate`: as in a crash. */
  readonly how: 'fast' | 'immediate';
  /** After the life's start. */
  readonly afterMs: number;
  readonly forMs: number;
}

/** Kills from which on the journal comes into being several times. */
const MANY_KILLS = 60;
/** Beside so many kills, one life is asked to stop, and the Postgres restarts so often. */
const STOPPED_OF = 10;
const RESTARTED_OF = 15;
const LONGEST_LIFE_MS = 7_000;
const LONG_MS = 14_000;

export function makeClusterPlan(options: ClusterOptions): ClusterPlan {
  const { mode, seed, events, kills, instances, pauses } = options;
  const random = new Random(seed, 'cluster');
  const migrations = kills >= MANY_KILLS ? 3 : 1;
  const ends = { kills: Math.max(2, kills - migrations * instances), stops: kills / STOPPED_OF };
  const courses = coursesFor(random, { ...ends, instances });
  const paused = withPauses(courses, pauses, random);
  const outages = outagesFor(kills, paused.length, random);
  const maker = new EventMaker(new Random(seed, 'events'), `msg_chaos_${seed}`, { mode, crowded: true });
  const tricks = deck(MISCHIEF, new Random(seed, 'mischief'));
  const quota = events >= LONG_RUN;
  const lives = Array.from({ length: instances }, (): ClusterLife[] => []);
  const until = lives.map(() => 0);
  const counts = shares(
    events,
    paused.map((course) => expectedMs(wholeOf(course))),
  );
  const quotaLife = quota ? counts.findIndex((count) => count >= QUOTA_CHANNELS) : -1;
  for (const [index, course] of paused.entries()) {
    const flavour = isAboutRoots(course.end) ? 'orphans' : 'plain';
    const first = index === quotaLife ? maker.quotaNews() : [];
    const count = (counts[index] ?? 0) - first.length;
    // Else whose last life ends first.
    const instance = course.pauses.some(isLong) ? 0 : until.indexOf(Math.min(...until));
    const lastsMs = expectedMs(wholeOf(course));
    until[instance] = (until[instance] ?? 0) + lastsMs;
    lives[instance]?.push({
      ...course,
      lastsMs,
      number: index + 1,
      events: [...first, ...maker.make(count, flavour)],
      mischief: mischiefFor(wholeOf(course), tricks, random),
      outage: outages.get(index) ?? null,
    });
  }
  const run = { eventsPerLife: (events * instances) / paused.length, ms: Math.max(...until) };
  return { ...options, powerLosses: 0, migrations, quota, lives, ...paceFor(mode, run, new Random(seed, 'quiet')) };
}

/** A life as far as it is planned by itself. */
interface Course {
  readonly end: LifeEnd;
  readonly pauses: readonly Pause[];
}

interface EndCounts {
  readonly kills: number;
  readonly stops: number;
  readonly instances: number;
}

/** Half of the kills are at points. */
function coursesFor(random: Random, { kills, stops, instances }: EndCounts): LifeEnd[] {
  const points = deck(TRAFFIC_POINTS, random);
  const atPoints = Math.floor(kills / 2);
  return random.shuffled<LifeEnd>([
    ...Array.from({ length: atPoints }, () => deathAt(points.next().value, random, instances)),
    ...Array.from(
      { length: kills - atPoints },
      () => ({ kind: 'any time', afterMs: random.int(50, LONGEST_LIFE_MS) }) as const,
    ),
    ...Array.from(
      { length: Math.ceil(stops) },
      () => ({ kind: 'asked to stop', afterMs: random.int(1_500, LONGEST_LIFE_MS) }) as const,
    ),
  ]);
}

/** Every other one is longer than it takes until the others take over what it holds. */
function withPauses(ends: readonly LifeEnd[], count: number, random: Random): Course[] {
  const lasting = random.shuffled([...ends.keys()].filter((index) => ends[index]?.kind !== 'at point'));
  const points = deck(STOPPING_POINTS, random);
  const pausesOf = new Map<number, Pause[]>();
  for (let nth = 0; nth < count; nth++) {
    const life = lasting[nth % lasting.length] ?? 0;
    const forMs = nth % 2 === 0 ? random.int(LONG_MS, 25_000) : random.int(1_000, 9_000);
    const former = pausesOf.get(life) ?? [];
    // Only the first of a life can be asked for when it starts.
    const point = former.length === 0 && random.chance(0.6) ? points.next().value : null;
    const times = { afterMs: random.int(300, 4_000), afterBurstMs: random.int(20, 500), forMs };
    pausesOf.set(life, [...former, { ...times, point, goesOn: true }]);
  }
  return ends.map((end, index) => killedInPause({ end, pauses: pausesOf.get(index) ?? [] }, random));
}

/** One of four that are to be killed at any time never goes on. */
function killedInPause({ end, pauses }: Course, random: Random): Course {
  const last = pauses.at(-1);
  if (end.kind !== 'any time' || last === undefined || !random.chance(0.25)) return { end, pauses };
  return { end: { ...end, afterMs: 0 }, pauses: [...pauses.slice(0, -1), { ...last, goesOn: false }] };
}

/** Its end, as if it came after the pauses by itself. */
function wholeOf({ end, pauses }: Course): LifeEnd {
  if (end.kind === 'at point') return end;
  return { ...end, afterMs: pauses.reduce((sum, { afterMs, forMs }) => sum + afterMs + forMs, end.afterMs) };
}

/** By life, spread over the run; every other one is a crash. */
function outagesFor(kills: number, lives: number, random: Random): Map<number, Outage> {
  const count = Math.max(1, Math.round(kills / RESTARTED_OF));
  return new Map(
    Array.from({ length: count }, (_, nth) => [
      Math.floor(((nth + 0.5) * lives) / count),
      { how: nth % 2 === 0 ? 'immediate' : 'fast', afterMs: random.int(0, 3_000), forMs: random.int(0, 5_000) },
    ]),
  );
}

/** Of a whole number, in whole numbers. */
function shares(total: number, weights: readonly number[]): number[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return weights.map((weight) => {
    const from = Math.round((total * before) / all);
    before += weight;
    return Math.round((total * before) / all) - from;
  });
}

function isLong({ forMs }: Pause): boolean {
  return forMs >= LONG_MS;
}
