/** What is told about lanes. See views.ts for what holds of all shapes. */
import type { Reason } from '../core/outcome.ts';
import type { Backlog } from '../journal/operations/backlog.ts';

/**
 * `sending`: Slack is being asked. `waiting`: it is next, and waits for its pace or for others. `retrying` and `limited`:
 * the first delivery is tried again at `until`; Slack set that instant where it is `limited`. `held`: quiet hours hold
 * all of it. `paused`: Slack rejects the token.
 */
type LaneState = 'sending' | 'waiting' | 'retrying' | 'limited' | 'held' | 'paused';

export interface LaneView {
  /** Its whole name, such as `channel:#alo-actions` or `dm:U024BE7LH`. */
  readonly lane: string;
  /** What people call the channel or the person; null where that is not known. */
  readonly name: string | null;
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
  /** Another instance runs it. */
  readonly elsewhere: boolean;
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
  /** Ours among those that share the journal; null where none do. */
  readonly instance: string | null;
  /** Slack limits the whole workspace: lanes take turns. */
  readonly slowed: boolean;
  /** The names of a route's quiet hours that are in force. */
  readonly quietHours: (route: string) => readonly string[];
}

type Waiting = Backlog['longest'][number];

export function lanePage({ lanes: total, longest }: Backlog, given: LaneCircumstances): LanePage {
  return { lanes: longest.slice(0, given.limit).map((lane) => laneView(lane, given)), total };
}

function laneView(waiting: Waiting, given: LaneCircumstances): LaneView {
  const { lane, name, held, inDoubt, oldestAt, dueAt, attempts, firstHeld, lease } = waiting;
  const state = stateOf(waiting, given);
  const reason = reasonFor(state, waiting, given);
  const leased = lease !== null && lease.until > given.now;
  const waits = state === 'held' || state === 'retrying' || state === 'limited';
  return {
    ...{ lane, name, state, waiting: waiting.waiting, held, attempts, in_doubt: inDoubt },
    reason: reason === null ? null : { code: reason.code, detail: reason.detail },
    until: waits ? iso(dueAt) : null,
    quiet_hours: firstHeld === null ? [] : given.quietHours(firstHeld.route),
    oldest_at: iso(oldestAt),
    due_at: iso(dueAt),
    elsewhere: leased && lease.owner !== given.instance,
  };
}

const SLOWED: Reason = {
  code: 'workspace_limited',
  detail: 'Slack limits all that the app posts: lanes take turns, at half the rate that was too much.',
};

function reasonFor(state: LaneState, { reason }: Waiting, { trouble, slowed }: LaneCircumstances): Reason | null {
  if (state === 'paused') return trouble;
  return state === 'waiting' && slowed ? SLOWED : reason;
}

/** Slack's own code, and that of a limit of the whole workspace. */
const RATE_LIMITS: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited']);

function stateOf({ held, waiting, state, dueAt, reason }: Waiting, { now, trouble }: LaneCircumstances): LaneState {
  if (held === waiting) return 'held';
  if (trouble !== null) return 'paused';
  if (state === 'sending') return 'sending';
  if (dueAt <= now) return 'waiting';
  return reason !== null && RATE_LIMITS.has(reason.code) ? 'limited' : 'retrying';
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
