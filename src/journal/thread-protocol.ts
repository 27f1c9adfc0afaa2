/**
 * What goes between the main thread and the journal's. Calls and answers travel in batches, one message each way a
 * turn of the event loop; a call's answer bears its id.
 */
import type { CommitFacts } from '../core/telemetry.ts';
import { JournalError, type JournalErrorCode } from './errors.ts';
import type { SqliteOptions } from './open-sqlite.ts';
import type { Argument, Operation, Result } from './store.ts';

export interface Opening {
  readonly path: string;
  readonly options: SqliteOptions;
}

export interface Call<K extends Operation = Operation> {
  readonly id: number;
  readonly operation: K;
  readonly argument: Argument<K>;
}

/** Calls to make, or `close`: finish them all, close the journal and end the thread. */
export type Order = readonly Call[] | 'close';

/** The first answer, to no call, says whether the journal is open. */
export const OPENING_ID = 0;

export type Report = readonly News[];

/** A commit comes with the answers that waited for it. */
export type News = Answer | { readonly commit: CommitFacts };

type Answer =
  | { readonly id: number; readonly value: Result<Operation> }
  | { readonly id: number; readonly failure: Failure };

/** A JournalError as plain data: structured clone would keep neither its class nor its code. */
export interface Failure {
  readonly code: JournalErrorCode;
  readonly path: string;
  readonly message: string;
}

export function toFailure({ code, path, message }: JournalError): Failure {
  return { code, path, message };
}

export function fromFailure({ code, path, message }: Failure): JournalError {
  return new JournalError(code, path, message);
}
