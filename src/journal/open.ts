import type { Journal } from './journal.ts';
import type { SqliteOptions } from './open-sqlite.ts';
import { StoreJournal } from './store-journal.ts';
import { openThreadStore, startThread } from './thread-store.ts';

/**
 * Opens the SQLite journal at `path`, creating it where it is missing, in a thread of its own. One process at a time.
 * @throws JournalError, with what to do, where that is impossible.
 */
export function openJournal(path: string, options: SqliteOptions = {}): Promise<Journal> {
  return prepareJournal().open(path, options);
}

export interface PreparedJournal {
  /** As openJournal. Once. */
  open(path: string, options?: SqliteOptions): Promise<Journal>;
  /** Ends what was prepared, where no journal is needed after all. */
  discard(): Promise<void>;
}

/** Starts a journal's thread before it is known which journal: it takes as long as reading a config does. */
export function prepareJournal(): PreparedJournal {
  const thread = startThread();
  return {
    open: async (path, options = {}) => new StoreJournal(await openThreadStore(thread, path, options)),
    async discard() {
      await thread.terminate();
    },
  };
}

/**
 * The same journal in the calling thread, which then waits for the disk at every commit: for tests and tools. Imported
 * when asked for, so that a program whose journal has its own thread does not load the SQL a second time.
 */
export async function openJournalInProcess(path: string, options: SqliteOptions = {}): Promise<Journal> {
  const { openSqliteStore } = await import('./open-sqlite.ts');
  return new StoreJournal(await openSqliteStore(path, options));
}
