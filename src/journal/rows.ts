/** What the database answers, under the names of its columns. Times are ms since the epoch; see schema.ts. */
import type { DeliveryState } from '../core/delivery.ts';

export interface AcceptedRow {
  readonly eventSeq: number;
  /** One a delivery; null for one that was only counted. */
  readonly seqs: readonly (number | null)[];
}

/** An unfinished delivery with its event. */
export interface DeliveryRow {
  readonly seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: string;
  readonly state: 'pending' | 'sending';
  readonly attempts: number;
  readonly due_at: number;
  readonly due_set_at: number;
  readonly accepted_at: number;
  readonly attempted_at: number | null;
  readonly doubt_since: number | null;
  readonly looks: number;
  readonly group_seq: number | null;
  readonly released: number;
  readonly storm_count: number | null;
  readonly storm_since: number | null;
  readonly event_seq: number;
  readonly envelope: string;
  readonly body: Uint8Array;
  readonly trace: string | null;
}

/** An unfinished delivery, and of its event only what orders it and what it is about. */
export interface WaitingRow
  extends Pick<
    DeliveryRow,
    'seq' | 'event_seq' | 'route' | 'target' | 'state' | 'doubt_since' | 'group_seq' | 'released' | 'due_at'
  > {
  readonly due_set_at: number;
  readonly source: string;
  readonly subject: string | null;
  readonly occurred_at: number;
  /** Null: its subject has no card in the lane's channel. */
  readonly card_seq: number | null;
}

export interface EventRow {
  readonly seq: number;
  readonly envelope: string;
  readonly body: Uint8Array;
}

/** A delivery in whatever state, with what names its event. */
export interface RecordRow {
  readonly seq: number;
  readonly event_seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly accepted_at: number;
  readonly updated_at: number;
  readonly due_at: number;
  readonly doubt_since: number | null;
  readonly group_seq: number | null;
  readonly reason_code: string | null;
  readonly reason: string | null;
  readonly channel: string | null;
  readonly ts: string | null;
  readonly replay: number;
  readonly replayed_as: number | null;
  readonly dismissed_by: string | null;
  readonly dismissal: string | null;
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly received_at: number;
}

export interface CardRow {
  readonly channel_id: string;
  readonly ts: string;
  readonly shown_at: number | null;
  readonly shown_seq: number | null;
}

export interface PersonRow {
  /** Null: nobody. */
  readonly user_id: string | null;
}

interface TallyRow {
  readonly state: DeliveryState;
  readonly count: number;
}

export interface TallyRows {
  readonly rows: readonly TallyRow[];
  /** Where to go on; null: that was all. */
  readonly next: number | null;
}
