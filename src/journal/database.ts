/** What a journal asks of the database it is kept in: SQLite (sqlite/) or Postgres (postgres/). */
import type { CommitFacts } from '../core/telemetry.ts';
import type { JournalError } from './errors.ts';
import type { Operation } from './operation.ts';

export interface Database {
  /** See Journal. */
  readonly lost: Promise<JournalError>;
  /** @throws JournalError, and then nothing of a writing operation happened. */
  call<A extends readonly unknown[], R>(operation: Operation<A, R>, given: A): Promise<R>;
  /** Finishes what is under way. Idempotent. */
  close(): Promise<void>;
}

/** Called after every commit, before its callers are answered. */
export type OnCommit = (facts: CommitFacts) => void;
