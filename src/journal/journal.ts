/**
 * The journal: what was accepted, what is owed to Slack, and where each message is. It survives kill -9.
 *
 * Contract, the same for every driver (test/journal/contract.ts):
 * - A promise that resolves means the change is on disk. One that rejects means nothing of it happened; only where a
 *   database is lost in the middle of a commit (`journal-unreachable`) that is not known, and reading again tells.
 * - Every write is one atomic change; writes that arrive together may share one commit.
 * - `accept` decides what is a duplicate inside the commit that stores the event.
 * - `next` returns a lane's unfinished deliveries in order of acceptance, those to be tried again included.
 * - Arguments and results are plain data that can cross a thread or a process.
 */
import type { DeliveryState, Doubt, Placement, PlannedDelivery, Storm, Target } from '../core/delivery.ts';
import type { Envelope } from '../core/envelope.ts';
import type { RelayEvent } from '../core/event.ts';
import type { Reason } from '../core/outcome.ts';
import type { Cluster } from './cluster.ts';
import type { JournalError } from './errors.ts';
import type { Backlog, EventSearch, FoundEvents, InspectedEvent, KeptAttempt, Reception } from './inspection.ts';
import type {
  DeliveryQuery,
  DeliveryRecord,
  DismissRequest,
  EventQuery,
  PruneCursor,
  PruneRequest,
  Refusals,
  Replay,
  StoredEvent,
} from './records.ts';

interface DedupeKey {
  /** Unique within the source for as long as it is kept. */
  readonly key: string;
  /** ms since the epoch; from then on the key may come again as a new event. */
  readonly keepUntil: number;
}

/** An event about to be stored, with everything it owes. */
export interface Receipt {
  readonly event: Envelope;
  /** The body as it was received and verified. */
  readonly body: Uint8Array;
  readonly dedupe: DedupeKey & {
    /** A second key: the event is a duplicate where either is known. Both are remembered, even of a duplicate. */
    readonly also?: DedupeKey;
  };
  readonly deliveries: readonly EnteringDelivery[];
  /** ms since the epoch. */
  readonly receivedAt: number;
  /** Nothing for the relay's own events. */
  readonly received?: Reception;
  /** The trace that it belongs to: a `traceparent`. */
  readonly trace?: string | null;
  /** Deliveries that this event reports on: marked as reported in the same commit. */
  readonly reports?: readonly number[];
}

export interface EnteringDelivery extends PlannedDelivery {
  /**
   * `sending`: it goes out as soon as it is stored, without being read back. `held`: until its `heldUntil`. `dead`: it
   * has ended, with its reason.
   */
  readonly state: 'held' | 'pending' | 'sending' | 'dead';
}

export type Acceptance =
  /** `seqs`: one a delivery, in their order; null for one that was counted, and whose threshold is not reached. */
  | { readonly kind: 'accepted'; readonly eventSeq: number; readonly seqs: readonly (number | null)[] }
  | { readonly kind: 'duplicate' };

export interface QueuedDelivery {
  /** Unique, and rising in order of acceptance. */
  readonly seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: Target;
  /** Not null: look for it before it is sent. What is found as `sending` is in doubt, not looked for yet. */
  readonly doubt: Doubt | null;
  /** The number of the group it was last sent with, while it is in doubt: its first member. They stay together. */
  readonly group: number | null;
  /** It was held. What was held goes out together. */
  readonly released: boolean;
  readonly storm: Storm | null;
  /** Attempts made so far that count against giving up. */
  readonly attempts: number;
  /** ms since the epoch: not to be tried before. */
  readonly dueAt: number;
  /** ms since the epoch: when `dueAt` was set. Later than now means that the clock was set back since. */
  readonly dueSetAt: number;
  /** ms since the epoch: when the event was accepted, or the delivery was made by a replay. */
  readonly acceptedAt: number;
  /** Rising in order of acceptance. */
  readonly eventSeq: number;
  readonly event: RelayEvent;
  /** The trace that its event belongs to: a `traceparent`. */
  readonly trace?: string;
}

/** An unfinished delivery, as far as one has to know it to decide what goes out together. */
export interface WaitingDelivery
  extends Pick<QueuedDelivery, 'seq' | 'eventSeq' | 'route' | 'target' | 'group' | 'released' | 'dueAt' | 'dueSetAt'> {
  readonly inDoubt: boolean;
  readonly source: string;
  readonly subject: string | null;
  /** As eventTimeMs gives it. */
  readonly occurredAt: number;
  /** Whether its subject has a card in the lane's channel. */
  readonly hasCard: boolean;
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
  readonly state: Extract<DeliveryState, 'sent' | 'merged' | 'superseded' | 'dead' | 'parked'>;
  /** ms since the epoch. */
  readonly at: number;
  readonly reason?: Reason;
  readonly placement?: Placement;
  /** Stored with the outcome, in the same commit. Null: the card is gone, and forgotten. */
  readonly card?: { readonly key: CardKey; readonly card: Card | null };
  /** A channel's id, learnt from Slack's answer to a message sent to its name. In the same commit. */
  readonly channel?: { readonly name: string; readonly id: string };
  /** True for what is not worth a report: `refusals` never gives it. */
  readonly unreported?: boolean;
  /** How long the attempt took that ended it: then it is kept among the delivery's attempts. */
  readonly ms?: number;
}

export interface Postponement {
  readonly seq: number;
  readonly attempts: number;
  /** ms since the epoch: now. */
  readonly at: number;
  /** ms since the epoch. */
  readonly dueAt: number;
  readonly reason: Reason;
  /** `until` is known to the journal: the last `markSending`. */
  readonly doubt: Pick<Doubt, 'since' | 'looks'> | null;
  /** Whom it stays together with, while in doubt. */
  readonly group: number | null;
  /** How long the attempt took. */
  readonly ms?: number;
}

/** Deliveries by state, those that a replay replaced left out. */
export type Tally = Readonly<Record<DeliveryState, number>>;

export interface Journal {
  /**
   * Resolves, saying why, once the journal is gone for good although nobody closed it: its thread died. Every call
   * rejects from then on, and only a new process (or a new journal) helps. Never rejects.
   */
  readonly lost: Promise<JournalError>;
  /**
   * What the instances that share this journal agree on; null where one process has it to itself. Without it
   * `markSending`, `settle`, `postpone`, `hold` and `saveCard` belong to whoever
   * calls them; with it they reject with `lane-lost` for a lane that another instance claimed since.
   */
  readonly cluster: Cluster | null;
  accept(receipt: Receipt): Promise<Acceptance>;
  /** Every lane with an unfinished delivery. */
  lanesWithWork(): Promise<string[]>;
  /** The lane's first `limit` unfinished deliveries, in order, due or not. */
  next(lane: string, limit: number): Promise<QueuedDelivery[]>;
  /** The same, slim, for those that decide what goes out together. */
  waiting(lane: string, limit: number): Promise<WaitingDelivery[]>;
  /** Unfinished deliveries by number, in order; what has ended is left out. */
  load(seqs: readonly number[]): Promise<QueuedDelivery[]>;
  /** Recorded before the call to Slack, so that a crash in the middle is seen. `group`: what goes out together. */
  markSending(seqs: readonly number[], at: number, group?: number): Promise<void>;
  /** All of them or, where one is held or has ended before, none. */
  settle(...settlements: Settlement[]): Promise<void>;
  /** Back to `pending`, to be tried again. All of them or none. */
  postpone(...postponements: Postponement[]): Promise<void>;
  /** From `pending` to `held`, due at `until`. Rejects for one that is anything else. */
  hold(seq: number, until: number, at: number): Promise<void>;
  /** What is held and due becomes `pending`: the lanes of it, and when the next one is due. */
  release(now: number): Promise<{ readonly lanes: readonly string[]; readonly nextAt: number | null }>;
  /** Oldest first. */
  events(query: EventQuery): Promise<StoredEvent[]>;
  /** An event came again with another body at `at`: how often that happened so far. Null where the event is gone. */
  noteConflict(seq: number, at: number): Promise<number | null>;
  /** Newest first. */
  deliveries(query: DeliveryQuery): Promise<DeliveryRecord[]>;
  /**
   * New deliveries for an event that was accepted before, at the end of their lanes. Where one of `replaces` is not
   * dead, parked or dismissed any more (somebody else replayed it), or the event itself is gone, nothing happens, and the answer is null;
   * else one number a delivery. Without deliveries nothing happens either: what is replaced has to become something.
   */
  replay(replay: Replay): Promise<readonly number[] | null>;
  /** Dead and parked deliveries become `dismissed`. Gives those that did; one that was replayed or dismissed before stays. */
  dismiss(request: DismissRequest): Promise<readonly number[]>;
  /** What did not arrive and has not been reported: groups with something unreported, counted since `since`. */
  refusals(query: { readonly since: number; readonly limit: number }): Promise<Refusals[]>;
  /** A channel's id, as `settle` was told; null where it never was. */
  channelId(name: string): Promise<string | null>;
  /** The Slack user of an address, as `savePerson` was told: null is nobody, undefined is not known (any more). */
  person(email: string, now: number): Promise<string | null | undefined>;
  /** `until`: ms since the epoch; from then on it is to be looked up again. */
  savePerson(email: string, userId: string | null, until: number): Promise<void>;
  /**
   * Removes a few of what is no longer needed: deliveries that ended well, events without deliveries, ids that may
   * come again, cards unused for long, what thresholds counted, lanes without work, people to be looked up again. What
   * is unfinished or listed stays, with its event. Null when the sweep is done, or while another instance sweeps.
   */
  prune(request: PruneRequest): Promise<{ readonly removed: number; readonly next: PruneCursor | null }>;
  card(key: CardKey): Promise<Card | null>;
  /** Stores a card without ending a delivery: a thread's root, posted on the way to a reply. */
  saveCard(key: CardKey, card: Card, at: number): Promise<void>;
  /** Events, newest first, as far as `look` of them go. */
  search(query: EventSearch): Promise<FoundEvents>;
  /** An event by its number, with how it came in; null where it is not there. */
  inspect(seq: number): Promise<InspectedEvent | null>;
  /** Of these deliveries, oldest first, at most the newest 50 of each. */
  attempts(seqs: readonly number[]): Promise<KeptAttempt[]>;
  /** What is unfinished, and the `limit` lanes that wait longest. */
  backlog(limit: number): Promise<Backlog>;
  tally(): Promise<Tally>;
  /** Rejects, saying why, while the journal cannot take a commit of that many bytes, or would lose it. */
  probe(room?: number): Promise<void>;
  /** Finishes what is under way. Idempotent. */
  close(): Promise<void>;
}
