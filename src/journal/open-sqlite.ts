import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import type { CommitFacts } from '../core/telemetry.ts';
import { JournalError, journalError } from './errors.ts';
import { migrate } from './migrations.ts';
import type { Tables } from './schema.ts';
import { SqlStore } from './sql-store.ts';
import { explainSqlite, sqliteDatabase } from './sqlite.ts';
import { type SqliteFiles, secondName, sqliteFiles } from './sqlite-files.ts';
import { SqliteGuard } from './sqlite-guard.ts';

export interface SqliteOptions {
  /** How long to wait, in ms, for another process that is writing (a command beside the service). Default 1000. */
  readonly busyTimeoutMs?: number;
  /** The most pages of 4096 bytes the file may take; beyond that the journal is full. Default: the disk's end. */
  readonly maxPages?: number;
}

/**
 * Opens the journal at `path`, creating folder (0700) and file (0600) where they are missing, and claims it for as
 * long as it is open. Other processes may still read it.
 * @throws JournalError where that is impossible; nothing stays open then.
 */
export async function openSqliteStore(
  path: string,
  options: SqliteOptions = {},
  onCommit?: (facts: CommitFacts) => void,
): Promise<SqlStore> {
  const open: DatabaseSync[] = [];
  const closeAll = () => {
    for (const database of open.toReversed()) if (database.isOpen) database.close();
  };
  try {
    const files = prepareFiles(path);
    open.push(claim(files.lock));
    const database = new DatabaseSync(files.journal, { timeout: options.busyTimeoutMs ?? 1000 });
    open.push(database);
    configure(database, options);
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqliteDatabase(database) }) });
    await migrate(db, { path, dialect: 'sqlite', transaction: (body) => db.transaction().execute(body) });
    const guard = new SqliteGuard(path, files, () => performance.now());
    const explain = (error: unknown) => guard.learn(explainSqlite(error, path));
    const release = () => {
      closeAll();
      guard.close();
    };
    return new SqlStore({ db, path, explain, release, onCommit, guard });
  } catch (error) {
    closeAll();
    throw explainSqlite(error, path);
  }
}

/**
 * WAL: readers and the writer do not wait for each other. FULL: a commit is on the disk, not on its way. 8000 pages
 * between checkpoints: fewer, longer pauses, which take the 99th percentile of a commit from 7.5 to 1.6 ms.
 */
function configure(database: DatabaseSync, { maxPages }: SqliteOptions): void {
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 8000');
  if (maxPages !== undefined) database.exec(`pragma max_page_count = ${Math.trunc(maxPages)}`);
}

/**
 * Holds a write transaction on a file beside the journal. The system lets go of it when the process ends, however it
 * ends. (Locking the journal itself would shut its readers out.) Known limit: POSIX drops a process's locks on a file
 * when the process closes any handle on it, so nothing else here may open that file.
 */
function claim(path: string): DatabaseSync {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('begin immediate');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function prepareFiles(path: string): SqliteFiles {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    create(path);
    if (!statSync(path).isFile()) throw new Error('it is not a file');
    const linked = secondName(path);
    if (linked !== null) throw linked;
    const files = sqliteFiles(path);
    create(files.lock);
    return files;
  } catch (error) {
    if (error instanceof JournalError) throw error;
    throw journalError('journal-path', path, error instanceof Error ? error.message : String(error));
  }
}

/** SQLite would create it readable for everybody. One that exists is not opened: see `claim`. */
function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
