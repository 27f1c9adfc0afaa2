/**
 * An operation of the journal: its SQL, its argument, its result and the mapping between them stand in one file of
 * `operations/`, written once for both databases.
 */

import type { Statement } from './statement.ts';
import type { EventCache } from './stored-event.ts';

export interface Operation<A extends readonly unknown[], R> {
  /** It runs in a transaction, which it may share with others. Where it rejects, nothing of it happens. */
  readonly writes: boolean;
  /** It may read many rows: SQLite runs it beside the event loop, and its result has to be plain data. */
  readonly long?: boolean;
  /** What it needs beyond a database that takes a commit: one without damage, or one that was looked at just now. */
  readonly needs?: 'undamaged' | 'health';
  /** The lanes that only their owner may do this for. */
  affects?(...given: A): AffectedLanes;
  run(connection: Connection, ...given: A): Promise<R> | R;
  /** Called once it is on disk, before the caller is answered. */
  committed?(connection: Pick<Connection, 'events'>, result: R, ...given: A): void;
}

export type AffectedLanes = { readonly seqs: readonly number[] } | { readonly lane: string };

/** The connection an operation runs on, and what differs between the databases. */
export interface Connection {
  rows<P, Row>(statement: Statement<P, Row>, values: P): readonly Row[] | Promise<readonly Row[]>;
  /** Returns how many rows the statement changed. */
  changes<P>(statement: Statement<P, unknown>, values: P): number | Promise<number>;
  /** These lanes got something unfinished other than by `accept`. Called last in an operation. */
  enqueue(lanes: readonly string[]): void | Promise<void>;
  /** Null: nobody else prunes. */
  readonly sweepLocks: SweepLocks | null;
  /** Null: the database does not tell how much room it has. */
  readonly room: Room | null;
  readonly events: EventCache;
}

/** Locks for pruning, where several instances share the database. */
export interface SweepLocks {
  /** Whether this transaction may prune: one at a time does. */
  take(connection: Connection): Promise<boolean>;
  /** Locks rows of `lanes`, so that the statement that follows sees what is being accepted for them. */
  lockLanes(connection: Connection, span: LaneSpan): Promise<void>;
}

/** Rows by number, after `after` up to `through`, that are older than `before` (ms since the epoch). */
export interface LaneSpan {
  readonly after: number;
  readonly through: number;
  readonly before: number;
}

/** What is known of the room that is left for the database. */
export interface Room {
  /** Whether a probe has to write that many bytes to know. */
  mayBeShortOf(bytes: number): boolean;
  /** A probe wrote as many bytes as it was asked for. */
  roomFound(): void;
}
