/** What is told about lanes. See views.ts for what holds of all shapes. */
import type { Reason } from '../core/outcome.ts';
import type { Backlog } from '../journal/operations/backlog.ts';

/**
 * `sending`: it sends, or is about to. `retrying` and `limited`: the first delivery is tried again at `until`; Slack set
 * that instant where it is `limited`. `held`: quiet hours hold all of it. `paused`: Slack refuses the token.
 */
type LaneState = 'sending' | 'retrying' | 'limited' | 'held' | 'paused';

export interface LaneView {
  /** Its whole name, such as `channel:#alo-actions` or `dm:U024BE7LH`. */
  readonly lane: string;
  readonly state: LaneState;
  /** When it goes on; null where that is now, or not known. */
  readonly until: string | null;
  /** Those of the quiet hours of the first held one's route that are in force. Empty: nothing is held, or none is. */
  readonly quiet_hours: readonly string[];
  /** Deliveries that are unfinished, held ones included. */
  readonly waiting: number;
  readonly held: number;
  /** When the oldest of them was accepted. */
  readonly oldest_at: string;
  /** The first one that is not held is not to be tried before; where all are held, the first one. */
  readonly due_at: string;
  /** Of that one, as in the next: that count against giving up. */
  readonly attempts: number;
  /** Why it was not sent at its last attempt, or, where the lane is paused, why it is. */
  readonly reason: { readonly code: string; readonly detail: string } | null;
  /** How many of them may be in Slack without our knowing. */
  readonly in_doubt: number;
}

/** GET /api/lanes?limit= */
export interface LanePage {
  /** Longest waiting first. */
  readonly lanes: readonly LaneView[];
  /** Lanes with something unfinished, those not shown included. */
  readonly total: number;
}

export interface LaneCircumstances {
  readonly limit: number;
  /** ms since the epoch. */
  readonly now: number;
  /** Why Slack refuses the token; null where it does not. */
  readonly trouble: Reason | null;
  /** The names of a route's quiet hours that are in force. */
  readonly quietHours: (route: string) => readonly string[];
}

type Waiting = Backlog['longest'][number];

export function lanePage({ lanes: total, longest }: Backlog, given: LaneCircumstances): LanePage {
  return { lanes: longest.slice(0, given.limit).map((lane) => laneView(lane, given)), total };
}

function laneView(waiting: Waiting, given: LaneCircumstances): LaneView {
  const { lane, held, inDoubt, oldestAt, dueAt, attempts, firstHeld } = waiting;
  const state = stateOf(waiting, given);
  const reason = state === 'paused' ? given.trouble : waiting.reason;
  const waits = state === 'held' || state === 'retrying' || state === 'limited';
  return {
    ...{ lane, state, waiting: waiting.waiting, held, attempts, in_doubt: inDoubt },
    reason: reason === null ? null : { code: reason.code, detail: reason.detail },
    until: waits ? iso(dueAt) : null,
    quiet_hours: firstHeld === null ? [] : given.quietHours(firstHeld.route),
    oldest_at: iso(oldestAt),
    due_at: iso(dueAt),
  };
}

/** Slack's own code, and that of a limit of the whole workspace. */
const RATE_LIMITS: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited']);

function stateOf({ held, waiting, dueAt, reason }: Waiting, { now, trouble }: LaneCircumstances): LaneState {
  if (held === waiting) return 'held';
  if (trouble !== null) return 'paused';
  if (dueAt <= now) return 'sending';
  return reason !== null && RATE_LIMITS.has(reason.code) ? 'limited' : 'retrying';
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
