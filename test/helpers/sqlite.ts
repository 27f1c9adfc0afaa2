/** A journal in a SQLite file, for tests with a manual clock: the disk takes no time. */
import { type Journal, journalOver } from '../../src/journal/contract.ts';
import { type OpenSqliteOptions, openSqlite } from '../../src/journal/sqlite/open.ts';

export async function openSqliteJournal(path: string, options: OpenSqliteOptions = {}): Promise<Journal> {
  return journalOver(await openSqlite(path, { syncFile: (_, done) => done(null), ...options }));
}
