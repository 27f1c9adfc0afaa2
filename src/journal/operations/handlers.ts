import type { DatabaseConnection } from 'kysely';
import type { Argument, Operation, Result } from '../store.ts';

/** How an operation is done in SQL. One that writes is run within a transaction, which it may share with others. */
export interface Handler<K extends Operation> {
  readonly writes: boolean;
  run(connection: DatabaseConnection, argument: Argument<K>): Promise<Result<K>>;
}

export type Handlers = { readonly [K in Operation]: Handler<K> };
