/** Opens a journal in a SQLite file. */
import { closeSync, fdatasync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { OnCommit } from '../database.ts';
import { JournalError, journalError } from '../errors.ts';
import { migrate } from '../migrations.ts';
import { inTransaction, kyselyOf } from './connection.ts';
import { SqliteJournal } from './database.ts';
import { explainSqlite } from './errors.ts';
import { type SqliteFiles, secondName, sqliteFiles, syncFolder } from './files.ts';
import { SqliteGuard } from './guard.ts';
import { SqliteReader } from './reader.ts';
import { SyncedLog, type SyncFile } from './synced-log.ts';

export interface SqliteOptions {
  /** How long to wait, in ms, for another process that is writing (a command beside the service). Default 1000. */
  readonly busyTimeoutMs?: number;
  /** The most pages of 4096 bytes the file may take; beyond that the journal is full. Default: the disk's end. */
  readonly maxPages?: number;
  /** A journal of fewer bytes is read in this thread, whatever is asked: that takes a few ms. Default 4 MiB. */
  readonly smallBytes?: number;
}

const SMALL_BYTES = 4 * 1024 ** 2;

export interface OpenSqliteOptions extends SqliteOptions {
  readonly clock?: Clock;
  /** Default: of the system. */
  readonly syncFile?: SyncFile;
  readonly onCommit?: OnCommit | undefined;
}

/**
 * Opens the journal at `path`, creating folder (0700) and file (0600) where they are missing, and claims it for as
 * long as it is open. Other processes may still read it.
 * @throws JournalError where that is impossible; nothing stays open then.
 */
export async function openSqlite(path: string, options: OpenSqliteOptions = {}): Promise<SqliteJournal> {
  const { clock = systemClock, syncFile = fdatasync, smallBytes = SMALL_BYTES, onCommit } = options;
  const opened: { close(): void }[] = [];
  try {
    const files = prepareFiles(path);
    const lock = kept(opened, claim(files.lock));
    const database = kept(opened, new DatabaseSync(files.journal, { timeout: options.busyTimeoutMs ?? 1000 }));
    configure(database, options);
    const db = kyselyOf(database);
    await migrate(db, { path, dialect: 'sqlite', transaction: (body) => inTransaction(database, () => body(db)) });
    const log = kept(opened, new SyncedLog(files, syncFile));
    copyLog(database);
    await log.sync();
    const guard = new SqliteGuard(path, files, log.fd, () => clock.monotonic());
    const reader = new SqliteReader({ file: files.journal, path, clock });
    const release = () => lock.close();
    return new SqliteJournal({ path, database, guard, log, reader, smallBytes, release, onCommit });
  } catch (error) {
    for (const one of opened.toReversed()) one.close();
    throw explainSqlite(error, path);
  }
}

function kept<T extends { close(): void }>(opened: { close(): void }[], one: T): T {
  opened.push(one);
  return one;
}

/**
 * WAL: readers and the writer do not wait for each other. NORMAL: a commit reaches the disk by synced-log.ts. The log is
 * copied into the database file by a thread (reader.ts); should that fail for long, by whichever commit finds 80,000 pages.
 */
function configure(database: DatabaseSync, { maxPages }: SqliteOptions): void {
  database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma wal_autocheckpoint = 80000');
  if (maxPages !== undefined) database.exec(`pragma max_page_count = ${Math.trunc(maxPages)}`);
}

/**
 * A sync that failed may have left commits in memory alone, which the system takes for written from then on. Copied into
 * the database file, they are written again, and synced by SQLite.
 */
function copyLog(database: DatabaseSync): void {
  try {
    database.exec('pragma wal_checkpoint(passive)');
  } catch {
    // Of a full disk, say: what is in the log can be delivered all the same.
  }
}

/**
 * Holds a write transaction on a file beside the journal. The system lets go of it when the process ends, however it
 * ends. (Locking the journal itself would shut its readers out.) Known limit: POSIX drops a process's locks on a file
 * when the process closes any handle on it, so nothing else here may open that file.
 */
export function claim(path: string): DatabaseSync {
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
    const folder = dirname(path);
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
    createPrivate(path);
    // Or a power loss may take the new file away with all that is in it.
    syncFolder(folder);
    if (made !== undefined) syncFolder(dirname(made));
    if (!statSync(path).isFile()) throw new Error('it is not a file');
    const linked = secondName(path);
    if (linked !== null) throw linked;
    const files = sqliteFiles(path);
    createPrivate(files.lock);
    return files;
  } catch (error) {
    if (error instanceof JournalError) throw error;
    throw journalError('journal-path', path, error instanceof Error ? error.message : String(error));
  }
}

/** SQLite would create it readable for everybody. One that exists is not opened: see `claim`. */
export function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
