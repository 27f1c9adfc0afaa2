/** Opens the journal where the settings say. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { type Journal, journalOver } from './contract.ts';
import type { OnCommit } from './database.ts';
import type { JournalSettings } from './settings.ts';
import { openSqlite, type SqliteOptions } from './sqlite/open.ts';

export interface OpenOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /**
   * A service sends what is in the journal, and waits for a database that is away. A command reads and adds, beside the
   * services that have the database open, and fails where it cannot.
   */
  readonly role: 'service' | 'command';
  readonly sqlite?: SqliteOptions;
  readonly onCommit?: OnCommit;
}

/**
 * Opens the journal, creating it where it is missing: a SQLite file, one process at a time, or a schema of a Postgres,
 * whose driver is loaded only then.
 * @throws JournalError, with what to do, where that is impossible.
 */
export async function openJournal(settings: JournalSettings, options: OpenOptions): Promise<Journal> {
  if (settings.kind === 'sqlite') {
    const { sqlite, clock, onCommit } = options;
    return journalOver(await openSqlite(settings.path, { ...sqlite, clock, onCommit }));
  }
  const { openPostgres } = await import('./postgres/open.ts');
  return openPostgres(settings, options);
}
