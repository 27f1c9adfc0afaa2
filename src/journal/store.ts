/**
 * What the journal asks of a database, as flat plain data: it crosses a thread as it is, and what costs CPU (JSON)
 * stays with the caller.
 */
import type { DeliveryState, Threshold } from '../core/delivery.ts';
import type { JournalError } from './errors.ts';
import type { EventSearch } from './inspection.ts';
import type { AttemptRow, BacklogRows, FoundRows, InspectedRow } from './inspection-rows.ts';
import type { CardKey } from './journal.ts';
import type { DeliveryQuery, DismissRequest, EventQuery, PruneCursor, PruneRequest, Refusals } from './records.ts';
import type {
  AcceptedRow,
  CardRow,
  DeliveryRow,
  EventRow,
  PersonRow,
  RecordRow,
  TallyRows,
  WaitingRow,
} from './rows.ts';

interface Operations {
  /** Null for a duplicate. */
  accept(entry: Entry): AcceptedRow | null;
  lanesWithWork(all: null): readonly string[];
  next(query: { readonly lane: string; readonly limit: number }): readonly DeliveryRow[];
  /** `channel`: the lane's, null where it has none. */
  waiting(query: {
    readonly lane: string;
    readonly channel: string | null;
    readonly limit: number;
  }): readonly WaitingRow[];
  load(query: { readonly seqs: readonly number[] }): readonly DeliveryRow[];
  markSending(mark: { readonly seqs: readonly number[]; readonly at: number; readonly group: number | null }): null;
  settle(endings: readonly Ending[]): null;
  postpone(delays: readonly Delay[]): null;
  hold(holding: { readonly seq: number; readonly until: number; readonly at: number }): null;
  release(until: { readonly now: number }): { readonly lanes: readonly string[]; readonly nextAt: number | null };
  events(query: EventQuery): readonly EventRow[];
  /** Null: there is no such event. */
  conflict(conflict: { readonly seq: number; readonly at: number }): number | null;
  deliveries(query: DeliveryQuery): readonly RecordRow[];
  replay(entry: ReplayEntry): readonly number[] | null;
  dismiss(request: DismissRequest): readonly number[];
  refusals(query: { readonly since: number; readonly limit: number }): readonly Refusals[];
  channelId(channel: { readonly name: string }): string | null;
  /** Null: not known. */
  person(query: { readonly email: string; readonly now: number }): PersonRow | null;
  savePerson(person: { readonly email: string; readonly userId: string | null; readonly until: number }): null;
  prune(request: PruneRequest): { readonly removed: number; readonly next: PruneCursor | null };
  card(key: CardKey): CardRow | null;
  saveCard(card: CardEntry): null;
  search(query: EventSearch): FoundRows;
  /** Null: there is none of that number. */
  inspect(query: { readonly seq: number }): InspectedRow | null;
  /** Oldest first. */
  attempts(query: { readonly seqs: readonly number[] }): readonly AttemptRow[];
  backlog(query: { readonly limit: number }): BacklogRows;
  /** Of some deliveries behind that number. */
  tally(query: { readonly after: number }): TallyRows;
  /** `taken`: it wrote as many bytes as `room` says, which are to be given back in a commit of its own. */
  probe(query: { readonly step: 'take' | 'give back'; readonly room: number }): { readonly taken: boolean };
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
  /** The second key; null where there is none. */
  readonly alsoKey: string | null;
  readonly alsoKeepUntil: number | null;
  readonly receivedAt: number;
  /** JSON. */
  readonly receipt: string;
  readonly trace: string | null;
  readonly deliveries: readonly DeliveryEntry[];
  /** Deliveries that are reported by this. */
  readonly reports: readonly number[];
}

export interface DeliveryEntry extends PlannedEntry {
  readonly threshold: Threshold | null;
}

/** `heldUntil`: null but for what is held. The reason: null but for what is dead. */
export interface PlannedEntry extends Pick<DeliveryRow, 'lane' | 'route' | 'target'> {
  readonly state: 'held' | 'pending' | 'sending' | 'dead';
  readonly heldUntil: number | null;
  readonly reasonCode: string | null;
  readonly reason: string | null;
}

interface ReplayEntry {
  readonly eventSeq: number;
  readonly at: number;
  readonly deliveries: readonly PlannedEntry[];
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
  readonly card: CardEntry | GoneCard | null;
  readonly learnt: ChannelEntry | null;
  /** What is kept of the attempt that ended it; null: nothing is. */
  readonly attempt: AttemptEntry | null;
}

export interface Delay {
  readonly seq: number;
  readonly attempts: number;
  readonly at: number;
  readonly dueAt: number;
  readonly doubtSince: number | null;
  readonly looks: number;
  readonly group: number | null;
  readonly reasonCode: string;
  readonly reason: string;
  readonly attempt: AttemptEntry;
}

export interface AttemptEntry {
  readonly seq: number;
  readonly at: number;
  readonly ms: number | null;
  readonly outcome: DeliveryState | 'retry';
  readonly code: string | null;
  readonly detail: string | null;
}

export interface CardEntry extends CardRow, CardKey {
  readonly used_at: number;
}

/** It is forgotten. */
export interface GoneCard extends CardKey {
  readonly ts: null;
}

export interface ChannelEntry {
  readonly name: string;
  readonly id: string;
}
