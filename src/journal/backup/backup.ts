/**
 * Copies a journal in a file to another file, while a service has it open or not: one snapshot, which is read outside of
 * the event loop while commits go on in the log → checked → synced → renamed. Whatever cuts it off leaves the file of
 * that name as it was.
 *
 * The snapshot is the read transaction that is open around the copy: without it, SQLite would begin the copy anew after
 * every commit of the service. Until it ends, the log cannot be copied into the database file, and grows.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, lstatSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { RelayError } from '../../core/errors.ts';
import { journalError } from '../errors.ts';
import type { SqliteSettings } from '../settings.ts';
import { explainSqlite } from '../sqlite/errors.ts';
import { type SqliteFiles, sqliteFiles, syncFile, syncFolder } from '../sqlite/files.ts';
import { type Contents, contentsOf, isWhole, tablesOf, versionOf } from '../sqlite/look.ts';

/** Copied between two looks at the event loop: 16 MiB. */
const PAGES_AT_ONCE = 4_096;

export interface BackUpOptions {
  readonly from: SqliteSettings;
  readonly to: string;
  /** A file of that name is replaced. */
  readonly force: boolean;
}

export interface BackedUp extends Contents {
  readonly bytes: number;
}

/** @throws RelayError `no-journal` or `backup-target`; JournalError where the journal cannot be read. */
export async function backUp({ from, to, force }: BackUpOptions): Promise<BackedUp> {
  if (!existsSync(from.path)) throw new RelayError('no-journal', from.path);
  assertTarget(to, sqliteFiles(from.path), force);
  const part = createPart(to);
  try {
    const contents = await copy(from.path, part);
    const { size: bytes } = statSync(part);
    syncFile(part);
    renameSync(part, to);
    syncFolder(dirname(resolve(to)));
    return { ...contents, bytes };
  } catch (error) {
    for (const file of [part, `${part}-journal`, `${part}-wal`, `${part}-shm`]) rmSync(file, { force: true });
    throw error;
  }
}

async function copy(path: string, part: string): Promise<Contents> {
  let source: DatabaseSync | null = null;
  try {
    source = new DatabaseSync(path, { readOnly: true });
    source.exec('begin');
    versionOf(source, path);
    const [contents, rows] = [contentsOf(source), rowsOf(source)];
    await backup(source, part, { rate: PAGES_AT_ONCE }).catch((error: unknown) => {
      throw isFull(error) ? noRoom(part) : error;
    });
    assertSame(rows, { part, path });
    return contents;
  } catch (error) {
    throw error instanceof RelayError ? error : explainSqlite(error, path);
  } finally {
    source?.close();
  }
}

/** @throws JournalError where what was copied is not whole: the journal is not either. */
function assertSame(rows: string, { part, path }: { readonly part: string; readonly path: string }): void {
  const copied = new DatabaseSync(part);
  try {
    // The journal keeps a log beside it; a backup is one file.
    copied.exec('pragma journal_mode = delete');
    if (isWhole(copied) && rowsOf(copied) === rows) return;
    throw journalError('journal-damaged', path, 'a copy of it does not pass its check');
  } finally {
    copied.close();
  }
}

function rowsOf(database: DatabaseSync): string {
  const counts = tablesOf(database).map((name) => [
    name,
    database.prepare(`select count(*) as rows from "${name}"`).get()?.rows,
  ]);
  return JSON.stringify(counts);
}

function assertTarget(to: string, journal: SqliteFiles, force: boolean): void {
  const folder = dirname(resolve(to));
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined) throw refusal(`the folder ${folder} does not exist. Create it: mkdir -p ${folder}`);
  if (!isFolder) throw refusal(`${folder} is not a folder.`);
  const found = lstatSync(to, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isDirectory()) throw refusal(`${to} is a folder. Name a file in it: ${join(to, 'relay-backup.db')}`);
  const own = Object.values(journal).some((file) => isSame(file, to));
  if (own) throw refusal(`${to} belongs to the journal. Name another file.`);
  if (!found.isFile()) throw refusal(`${to} is not a regular file. Name another one.`);
  if (!force) throw refusal(`${to} exists already. Name another file, or replace it with --force.`);
}

function isSame(file: string, other: string): boolean {
  const [one, two] = [file, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && two !== undefined && one.ino === two.ino && one.dev === two.dev;
}

/** SQLite would create it readable for everybody. */
function createPart(to: string): string {
  const part = join(dirname(to), `.${basename(to)}.${randomBytes(4).toString('hex')}.part`);
  try {
    closeSync(openSync(part, 'wx', 0o600));
    return part;
  } catch (error) {
    throw isFull(error) ? noRoom(part) : refusal(`${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** SQLITE_FULL, or the system's own word for it. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('errcode' in error && error.errcode === 13) || ('code' in error && error.code === 'ENOSPC');
}

function noRoom(part: string): RelayError {
  return refusal(`there is no room for it in ${dirname(resolve(part))}. Free space, or name a file on another disk.`);
}

function refusal(why: string): RelayError {
  return new RelayError('backup-target', why);
}
