import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { CommitFacts } from '../core/telemetry.ts';
import type { Journal } from './journal.ts';
import type { SqliteOptions } from './open-sqlite.ts';
import type { JournalSettings } from './settings.ts';
import { StoreJournal } from './store-journal.ts';
import { openThreadStore, startThread } from './thread-store.ts';

export interface OpenOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /**
   * A service sends what is in the journal, and waits for a database that is away. A command reads and adds, beside the
   * services that have the database open, and fails where it cannot.
   */
  readonly role: 'service' | 'command';
  readonly sqlite?: SqliteOptions;
  /** Told of every commit. */
  readonly onCommit?: (facts: CommitFacts) => void;
}

/**
 * Opens the journal, creating it where it is missing: a SQLite file in a thread of its own, one process at a time, or
 * a schema of a Postgres.
 * @throws JournalError, with what to do, where that is impossible.
 */
export function openJournal(settings: JournalSettings, options: OpenOptions): Promise<Journal> {
  return settings.kind === 'sqlite' ? prepareJournal().open(settings, options) : openPostgres(settings, options);
}

export interface PreparedJournal {
  /** As openJournal. Once. */
  open(settings: JournalSettings, options: OpenOptions): Promise<Journal>;
  /** Ends what was prepared, where no journal is needed after all. */
  discard(): Promise<void>;
}

/** Starts a journal's thread before it is known which journal: it takes as long as reading a config does. */
export function prepareJournal(): PreparedJournal {
  const thread = startThread();
  const discard = async () => {
    await thread.terminate();
  };
  return {
    async open(settings, options) {
      if (settings.kind === 'sqlite') {
        const { sqlite, onCommit } = options;
        const told = onCommit === undefined ? {} : { onCommit };
        return new StoreJournal(await openThreadStore(thread, settings.path, { ...sqlite, ...told }));
      }
      await discard();
      return openPostgres(settings, options);
    },
    discard,
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

/** Imported when asked for: who has a file loads no driver of a database. */
async function openPostgres(
  settings: Extract<JournalSettings, { kind: 'postgres' }>,
  options: OpenOptions,
): Promise<Journal> {
  const { openPostgresStore } = await import('./postgres/open-postgres.ts');
  const store = await openPostgresStore(settings, options);
  return new StoreJournal(store, store.cluster);
}
