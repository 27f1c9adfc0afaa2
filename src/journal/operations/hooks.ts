import type { DatabaseConnection } from 'kysely';
import { FIND_IN_SQLITE, type FindText } from './find-text.ts';
import type { SweepLocks } from './prune.ts';

/** What is done beside an operation, in its transaction, where several instances share the database. */
export interface Hooks {
  /** These lanes got something unfinished other than by `accept`. Called last. */
  readonly enqueue: (connection: DatabaseConnection, lanes: readonly string[]) => Promise<void>;
  /** Null: nobody else sweeps. */
  readonly sweepLocks: SweepLocks | null;
  readonly findText: FindText;
  /** Null: how much room there is cannot be told from here. */
  readonly room: Room | null;
}

/** What is known of the room that is left for the database. */
export interface Room {
  /** Whether a probe has to write that many bytes to know. */
  mayBeShortOf(bytes: number): boolean;
  /** A probe wrote as many as it was asked for. */
  roomFound(): void;
}

export const ALONE: Hooks = {
  enqueue: () => Promise.resolve(),
  sweepLocks: null,
  findText: FIND_IN_SQLITE,
  room: null,
};
