/** What the database answers to whoever looks, under the names of its columns. Times are ms since the epoch. */
import type { DeliveryState } from '../core/delivery.ts';
import type { EventRow } from './rows.ts';

export interface FoundRow {
  readonly seq: number;
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly received_at: number;
  /** Of each of its deliveries, with commas between; null without any. */
  readonly states: string | null;
}

export interface FoundRows {
  readonly rows: readonly FoundRow[];
  /** The last event that was looked at, the newest being the first; null: there was none. */
  readonly last: { readonly seq: number; readonly received_at: number } | null;
  /** There is nothing behind it. */
  readonly end: boolean;
}

export interface InspectedRow extends EventRow {
  readonly received_at: number;
  readonly receipt: string | null;
  readonly trace: string | null;
  readonly conflicts: number;
  readonly conflict_at: number | null;
}

export interface AttemptRow {
  readonly delivery_seq: number;
  readonly at: number;
  readonly ms: number | null;
  readonly outcome: DeliveryState | 'retry';
  readonly code: string | null;
  readonly detail: string | null;
}

/** A lane, with its first delivery. */
export interface LaneRow {
  readonly lane: string;
  readonly waiting: number;
  readonly held: number;
  readonly in_doubt: number;
  readonly oldest_at: number;
  readonly due_at: number;
  readonly attempts: number;
  readonly reason_code: string | null;
  readonly reason: string | null;
  readonly held_route: string | null;
  readonly held_until: number | null;
}

interface WaitingTotal extends Readonly<Record<'held' | 'pending' | 'sending', number>> {
  readonly lanes: number;
  readonly deliveries: number;
  readonly oldest_at: number | null;
  readonly oldest_pending_at: number | null;
}

export interface BacklogRows {
  readonly total: WaitingTotal;
  readonly failed: readonly { readonly state: 'dead' | 'parked'; readonly count: number }[];
  readonly lanes: readonly LaneRow[];
}
