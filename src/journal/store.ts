/**
 * What the journal asks of a database, as flat plain data: it crosses a thread as it is, and what costs CPU (JSON)
 * stays with the caller.
 */
import type { DeliveryState } from '../core/delivery.ts';
import type { CardKey } from './journal.ts';

interface Operations {
  /** Null for a duplicate. */
  accept(entry: Entry): AcceptedRow | null;
  lanesWithWork(all: null): readonly string[];
  next(query: { readonly lane: string; readonly limit: number }): readonly DeliveryRow[];
  markSending(mark: { readonly seq: number; readonly at: number }): null;
  settle(ending: Ending): null;
  postpone(delay: Delay): null;
  card(key: CardKey): CardRow | null;
  saveCard(card: CardEntry): null;
  tally(all: null): readonly TallyRow[];
  probe(all: null): null;
}

export type Operation = keyof Operations;
export type Argument<K extends Operation> = Parameters<Operations[K]>[0];
export type Result<K extends Operation> = ReturnType<Operations[K]>;

export interface Store {
  /** @throws JournalError, and then nothing of a writing operation happened. */
  call<K extends Operation>(operation: K, argument: Argument<K>): Promise<Result<K>>;
  /** Finishes what is under way. Idempotent. */
  close(): Promise<void>;
}

/** An event with everything it owes, ready to be stored. */
export interface Entry {
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly envelope: string;
  readonly body: Uint8Array;
  readonly key: string;
  readonly keepUntil: number;
  readonly receivedAt: number;
  readonly deliveries: readonly DeliveryEntry[];
}

export type DeliveryEntry = Pick<DeliveryRow, 'lane' | 'route' | 'target' | 'state'>;

interface AcceptedRow {
  readonly eventSeq: number;
  /** One a delivery. */
  readonly seqs: readonly number[];
}

export interface DeliveryRow {
  readonly seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: string;
  readonly state: 'pending' | 'sending';
  readonly attempts: number;
  readonly due_at: number;
  readonly accepted_at: number;
  readonly event_seq: number;
  readonly envelope: string;
  readonly body: Uint8Array;
}

export interface Ending {
  readonly seq: number;
  readonly state: DeliveryState;
  readonly at: number;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly channel: string | null;
  readonly ts: string | null;
  readonly card: CardEntry | null;
}

export interface Delay {
  readonly seq: number;
  readonly attempts: number;
  readonly dueAt: number;
  readonly reasonCode: string;
  readonly reason: string;
}

export interface CardRow {
  readonly channel_id: string;
  readonly ts: string;
  readonly shown_at: number | null;
  readonly shown_seq: number | null;
}

export interface CardEntry extends CardRow, CardKey {}

export interface TallyRow {
  readonly state: DeliveryState;
  readonly count: number;
}
