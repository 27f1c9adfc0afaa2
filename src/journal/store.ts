/**
 * What the journal asks of a database, as flat plain data: it crosses a thread as it is, and what costs CPU (JSON)
 * stays with the caller.
 */
import type { DeliveryState } from '../core/delivery.ts';
import type { JournalError } from './errors.ts';
import type { CardKey, DeliveryQuery, EventQuery, PruneCursor, PruneRequest, Refusals } from './journal.ts';
import type { AcceptedRow, CardRow, DeliveryRow, EventRow, RecordRow, TallyRow } from './rows.ts';

interface Operations {
  /** Null for a duplicate. */
  accept(entry: Entry): AcceptedRow | null;
  lanesWithWork(all: null): readonly string[];
  next(query: { readonly lane: string; readonly limit: number }): readonly DeliveryRow[];
  markSending(mark: { readonly seq: number; readonly at: number }): null;
  settle(ending: Ending): null;
  postpone(delay: Delay): null;
  events(query: EventQuery): readonly EventRow[];
  deliveries(query: DeliveryQuery): readonly RecordRow[];
  replay(entry: ReplayEntry): readonly number[] | null;
  refusals(query: { readonly since: number; readonly limit: number }): readonly Refusals[];
  channelId(channel: { readonly name: string }): string | null;
  prune(request: PruneRequest): { readonly removed: number; readonly next: PruneCursor | null };
  card(key: CardKey): CardRow | null;
  saveCard(card: CardEntry): null;
  tally(all: null): readonly TallyRow[];
  probe(all: null): null;
}

export type Operation = keyof Operations;
export type Argument<K extends Operation> = Parameters<Operations[K]>[0];
export type Result<K extends Operation> = ReturnType<Operations[K]>;

export interface Store {
  /** See Journal. */
  readonly lost: Promise<JournalError>;
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
  /** Deliveries that are reported by this. */
  readonly reports: readonly number[];
}

export type DeliveryEntry = Pick<DeliveryRow, 'lane' | 'route' | 'target' | 'state'>;

interface ReplayEntry {
  readonly eventSeq: number;
  readonly at: number;
  readonly deliveries: readonly DeliveryEntry[];
  readonly replaces: readonly number[];
}

export interface Ending {
  readonly seq: number;
  readonly state: DeliveryState;
  readonly at: number;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly channel: string | null;
  readonly ts: string | null;
  readonly reported: 0 | 2;
  readonly card: CardEntry | null;
  readonly learnt: ChannelEntry | null;
}

export interface Delay {
  readonly seq: number;
  readonly attempts: number;
  readonly at: number;
  readonly dueAt: number;
  readonly doubtSince: number | null;
  readonly looks: number;
  readonly reasonCode: string;
  readonly reason: string;
}

export interface CardEntry extends CardRow, CardKey {
  readonly used_at: number;
}

export interface ChannelEntry {
  readonly name: string;
  readonly id: string;
}
