import type { DatabaseConnection } from 'kysely';
import type { SweepLocks } from './prune.ts';

/** What is done beside an operation, in its transaction, where several instances share the database. */
export interface Hooks {
  /** These lanes got something unfinished other than by `accept`. Called last. */
  readonly enqueue: (connection: DatabaseConnection, lanes: readonly string[]) => Promise<void>;
  /** Null: nobody else sweeps. */
  readonly sweepLocks: SweepLocks | null;
}

export const ALONE: Hooks = { enqueue: () => Promise.resolve(), sweepLocks: null };
