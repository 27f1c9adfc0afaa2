import type { Journal } from './journal.ts';
import type { SqliteOptions } from './open-sqlite.ts';
import { StoreJournal } from './store-journal.ts';
import { openThreadStore } from './thread-store.ts';

/**
 * Opens the SQLite journal at `path`, creating it where it is missing, in a thread of its own. One process at a time.
 * @throws JournalError, with what to do, where that is impossible.
 */
export async function openJournal(path: string, options: SqliteOptions = {}): Promise<Journal> {
  return new StoreJournal(await openThreadStore(path, options));
}

/**
 * The same journal in the calling thread, which then waits for the disk at every commit: for tests and tools. Imported
 * when asked for, so that a program whose journal has its own thread does not load the SQL a second time.
 */
export async function openJournalInProcess(path: string, options: SqliteOptions = {}): Promise<Journal> {
  const { openSqliteStore } = await import('./open-sqlite.ts');
  return new StoreJournal(await openSqliteStore(path, options));
}
