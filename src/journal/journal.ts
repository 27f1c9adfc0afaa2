/**
 * The journal: what was accepted, what is owed to Slack, and where each message is. It survives kill -9.
 *
 * Contract, the same for every driver (test/journal/contract.ts):
 * - A promise that resolves means the change is on disk. One that rejects means nothing of it happened.
 * - Every write is one atomic change; writes that arrive together may share one commit.
 * - `accept` decides what is a duplicate inside the commit that stores the event.
 * - `next` returns a lane's unfinished deliveries in order of acceptance, those to be tried again included.
 * - Arguments and results are plain data that can cross a thread or a process.
 */
import type { DeliveryState, Placement, PlannedDelivery, Target } from '../core/delivery.ts';
import type { Envelope } from '../core/envelope.ts';
import type { RelayEvent } from '../core/event.ts';
import type { Reason } from '../core/outcome.ts';

/** An event about to be stored, with everything it owes. */
export interface Receipt {
  readonly event: Envelope;
  /** The body as it was received and verified. */
  readonly body: Uint8Array;
  readonly dedupe: {
    /** Unique within the source for as long as it is kept. */
    readonly key: string;
    /** ms since the epoch; from then on the key may come again as a new event. */
    readonly keepUntil: number;
  };
  readonly deliveries: readonly EnteringDelivery[];
  /** ms since the epoch. */
  readonly receivedAt: number;
}

/** `sending`: it goes out as soon as it is stored, without being read back. */
export type EnteringDelivery = PlannedDelivery & Pick<QueuedDelivery, 'state'>;

export type Acceptance =
  /** `seqs`: one a delivery, in their order. */
  | { readonly kind: 'accepted'; readonly eventSeq: number; readonly seqs: readonly number[] }
  | { readonly kind: 'duplicate' };

export interface QueuedDelivery {
  /** Unique, and rising in order of acceptance. */
  readonly seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: Target;
  /** `sending` here means that a process died, or lost sight of the answer, in the middle of a call. */
  readonly state: 'pending' | 'sending';
  /** Attempts made so far that count against giving up. */
  readonly attempts: number;
  /** ms since the epoch: not to be tried before. */
  readonly dueAt: number;
  /** ms since the epoch: when the event was accepted. */
  readonly acceptedAt: number;
  /** Rising in order of acceptance. */
  readonly eventSeq: number;
  readonly event: RelayEvent;
}

/** A card is the message that shows a subject in a channel, and the root of the subject's thread. */
export interface CardKey {
  readonly source: string;
  readonly subject: string;
  /** The channel as the route names it. */
  readonly channel: string;
}

export interface Card {
  readonly placement: Placement;
  /** What the message shows, as an event's time and seq; null while it is only a thread's root. */
  readonly shows: { readonly occurredAt: number; readonly eventSeq: number } | null;
}

/** The end of a delivery, and what it left in Slack. */
export interface Settlement {
  readonly seq: number;
  readonly state: Extract<DeliveryState, 'sent' | 'superseded' | 'dead'>;
  /** ms since the epoch. */
  readonly at: number;
  readonly reason?: Reason;
  readonly placement?: Placement;
  /** Stored with the outcome, in the same commit. */
  readonly card?: { readonly key: CardKey; readonly card: Card };
}

export interface Postponement {
  readonly seq: number;
  readonly attempts: number;
  /** ms since the epoch. */
  readonly dueAt: number;
  readonly reason: Reason;
}

/** Deliveries by state, for health and tests. */
export type Tally = Readonly<Record<DeliveryState, number>>;

export interface Journal {
  accept(receipt: Receipt): Promise<Acceptance>;
  /** Every lane with an unfinished delivery. */
  lanesWithWork(): Promise<string[]>;
  /** The lane's first `limit` unfinished deliveries, in order, due or not. */
  next(lane: string, limit: number): Promise<QueuedDelivery[]>;
  /** Recorded before the call to Slack, so that a crash in the middle is seen. */
  markSending(seq: number, at: number): Promise<void>;
  settle(settlement: Settlement): Promise<void>;
  /** Back to `pending`, to be tried again. */
  postpone(postponement: Postponement): Promise<void>;
  card(key: CardKey): Promise<Card | null>;
  /** Stores a card without ending a delivery: a thread's root, posted on the way to a reply. */
  saveCard(key: CardKey, card: Card): Promise<void>;
  tally(): Promise<Tally>;
  /** Rejects, saying why, while the journal cannot take a commit. */
  probe(): Promise<void>;
  /** Finishes what is under way. Idempotent. */
  close(): Promise<void>;
}
