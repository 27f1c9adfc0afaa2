/** What a life of the service may be made of: how it ends, and the mischief in between. */
import type { FaultPoint } from '../../src/core/fault-point.ts';
import type { Random } from './random.ts';

export type LifeEnd =
  /** SIGKILL so long after its start, which may be before it is ready. */
  | { readonly kind: 'any time'; readonly afterMs: number }
  /** SIGTERM so long after its start: it has to end by itself, with 0 and in time. */
  | { readonly kind: 'asked to stop'; readonly afterMs: number }
  /** The power goes so long after its start: it goes on from what its disk holds. */
  | { readonly kind: 'power loss'; readonly afterMs: number }
  /** Dies by itself when it passes the point for the nth time. */
  | { readonly kind: 'at point'; readonly point: FaultPoint; readonly nth: number };

export const MISCHIEF = [
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

type TrafficPoint = Exclude<
  FaultPoint,
  'prune.before-commit' | 'migrate.before-commit' | 'move.before-commit' | 'restore.before-rename' | 'deliver.posting'
>;

/** The points that a life with ordinary traffic passes, and how often at least. */
const PASSED: Readonly<Record<TrafficPoint, number>> = {
  'accept.before-commit': 8,
  'accept.before-answer': 8,
  'accept.answered': 8,
  'deliver.posted': 8,
  'deliver.root-posted': 1,
  'deliver.between-root-and-reply': 1,
  'deliver.updated': 4,
  'deliver.adopted': 1,
  'complete.before-commit': 8,
};

/** Whether it dies where a reply brings its thread's root along: a second root is a message twice. */
export function isAboutRoots(end: LifeEnd): boolean {
  return end.kind === 'at point' && ROOT_POINTS.has(end.point);
}

const ROOT_POINTS: ReadonlySet<FaultPoint> = new Set<FaultPoint>([
  'deliver.root-posted',
  'deliver.between-root-and-reply',
]);

export const TRAFFIC_POINTS: readonly TrafficPoint[] = Object.keys(PASSED).filter(
  (name): name is TrafficPoint => name in PASSED,
);

/** What is under way there is in nobody's hands but ours. */
export const STOPPING_POINTS = [
  'accept.before-commit',
  'accept.before-answer',
  'accept.answered',
  'deliver.posting',
  'deliver.posting',
  'deliver.posting',
  'deliver.posted',
  'deliver.updated',
  'complete.before-commit',
] as const satisfies readonly FaultPoint[];

/** `instances`: among how many the traffic is shared. */
export function deathAt(point: TrafficPoint, random: Random, instances = 1): LifeEnd {
  return { kind: 'at point', point, nth: random.int(1, Math.ceil(PASSED[point] / instances)) };
}

/** How long a life lasts until it dies at its point, and until it is ready. */
const TO_POINT_MS = 1_500;
const TO_READY_MS = 700;

/** As far as the plan can tell. */
export function expectedMs(end: LifeEnd): number {
  return TO_READY_MS + (end.kind === 'at point' ? TO_POINT_MS : end.afterMs);
}

/** Only a life that lasts has time for mischief. */
export function mischiefFor(end: LifeEnd, tricks: Generator<Mischief['kind'], never>, random: Random): Mischief[] {
  if (end.kind === 'at point' || end.afterMs < 1_000) return [];
  const room = Math.min(4, Math.floor(end.afterMs / 1_000));
  return Array.from({ length: room }, () => ({
    kind: tricks.next().value,
    afterMs: random.int(400, end.afterMs),
    forMs: random.int(200, 1_200),
  }));
}
