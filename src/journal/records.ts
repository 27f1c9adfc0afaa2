/** What is asked of the journal beside the way of an event: accounts, replays, reports, sweeps. */
import type {
  DeliveryState,
  Dismissal,
  LISTED_STATES,
  NoTarget,
  Placement,
  PlannedDelivery,
  Target,
} from '../core/delivery.ts';
import type { RelayEvent } from '../core/event.ts';
import type { Reason } from '../core/outcome.ts';

/** An accepted event, as it is kept. */
export interface StoredEvent {
  readonly seq: number;
  readonly event: RelayEvent;
}

/** Which events. All conditions given must hold. */
export interface EventQuery {
  readonly seqs?: readonly number[];
  /** The sender's id. */
  readonly id?: string;
  /** ms since the epoch: accepted then or later. */
  readonly since?: number;
  /** Only events after this one, in order of acceptance; default 0. */
  readonly after?: number;
  readonly limit: number;
}

/** Which deliveries. All conditions given must hold. */
export interface DeliveryQuery {
  readonly seqs?: readonly number[];
  readonly eventSeqs?: readonly number[];
  readonly states?: readonly DeliveryState[];
  /** ms since the epoch: accepted (or made by a replay) then or later. */
  readonly since?: number;
  /** False: leave out what has been replayed since. */
  readonly replayed?: boolean;
  /** Only those before this one: newest first. Without it, the newest. */
  readonly before?: number;
  readonly limit: number;
}

/** What became of a delivery. */
export interface DeliveryRecord {
  readonly seq: number;
  readonly eventSeq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: Target | NoTarget;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** ms since the epoch, all three. `updatedAt`: when it was last attempted, put off, released or ended. */
  readonly acceptedAt: number;
  readonly updatedAt: number;
  readonly dueAt: number;
  /** It may be in Slack without our knowing. */
  readonly inDoubt: boolean;
  /** Why it ended so, or why it was not sent at the last attempt. */
  readonly reason: Reason | null;
  readonly placement: Placement | null;
  /** What it was last sent together with: the number of the first of them. */
  readonly group: number | null;
  /** Made by a replay. */
  readonly replay: boolean;
  /** The delivery that a replay made in place of this one. */
  readonly replayedAs: number | null;
  /** Null unless it was dismissed, at `updatedAt`. */
  readonly dismissal: Dismissal | null;
  readonly event: Pick<RelayEvent, 'id' | 'source' | 'topic' | 'subject' | 'received_at'>;
}

/** What to send again for one event. */
export interface Replay {
  readonly eventSeq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly deliveries: readonly PlannedDelivery[];
  /** Dead, parked and dismissed deliveries that are replayed by this. */
  readonly replaces: readonly number[];
}

export interface DismissRequest extends Dismissal {
  readonly seqs: readonly number[];
  /** ms since the epoch. */
  readonly at: number;
}

/** What did not arrive in one conversation, for one reason. */
export interface Refusals {
  readonly lane: string;
  readonly state: (typeof LISTED_STATES)[number];
  /** Of the newest one. */
  readonly reason: Reason;
  /** How many since the instant asked for; those that are older and not reported yet count as well. */
  readonly count: number;
  /** ms since the epoch, of those. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Those not reported yet, oldest first, at most as many as asked for. Never empty. */
  readonly unreported: readonly number[];
}

export interface PruneRequest {
  /** ms since the epoch: what ended before may go. */
  readonly before: number;
  /** ms since the epoch: cards that were not used since may go. */
  readonly cardsBefore: number;
  /** ms since the epoch: now. */
  readonly now: number;
  /** Null begins a sweep; else what the last call gave. */
  readonly resume: PruneCursor | null;
  /** Rows looked at in this call. */
  readonly limit: number;
}

/** Where a sweep goes on. */
export interface PruneCursor {
  readonly table:
    | 'deliveries'
    | 'attempts'
    | 'events'
    | 'seen'
    | 'cards'
    | 'occurrences'
    | 'thresholds'
    | 'lanes'
    | 'people';
  readonly after: number;
}
