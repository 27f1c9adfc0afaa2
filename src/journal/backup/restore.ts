/**
 * Puts a backup in the place of a journal: claim the journal → copy the backup beside it → check it → bring it up to this
 * program's version → put what has not ended in doubt → sync → rename. Whatever cuts it off leaves the journal as it was,
 * or a state in which no service starts (see `replace`).
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RelayError } from '../../core/errors.ts';
import { faultPoint } from '../../core/fault-point.ts';
import { journalOver } from '../contract.ts';
import { JournalError } from '../errors.ts';
import { MIGRATIONS } from '../migrations.ts';
import type { Doubted, Restored } from '../operations/doubt-unfinished.ts';
import type { SqliteSettings } from '../settings.ts';
import { explainSqlite } from '../sqlite/errors.ts';
import { type SqliteFiles, sqliteFiles, syncFile, syncFolder } from '../sqlite/files.ts';
import { type Contents, contentsOf, isWhole, versionOf } from '../sqlite/look.ts';
import { claim, createPrivate, openSqlite } from '../sqlite/open.ts';

export interface RestoreOptions {
  readonly from: string;
  readonly to: SqliteSettings;
  /** A journal that is there is moved aside. */
  readonly force: boolean;
  readonly restored: Restored;
}

export interface RestoredJournal extends Contents {
  /** The version that it was migrated from; null where it had this program's. */
  readonly migratedFrom: number | null;
  /** Where the journal is that was there; null: there was none. */
  readonly aside: string | null;
  readonly doubted: Doubted;
}

/** @throws RelayError `not-a-backup`, `journal-exists`; JournalError `journal-locked` where a service runs, and others. */
export async function restore({ from, to, force, restored }: RestoreOptions): Promise<RestoredJournal> {
  const files = sqliteFiles(to.path);
  await assertBackup(from, files);
  const lock = claimed(files, to.path);
  const part = sqliteFiles(`${files.journal}.restoring`);
  try {
    if (!force) assertFree(files);
    remove(part);
    copyBackup(from, part);
    const { version, contents } = look(part, from);
    const doubted = await doubt(part, restored);
    syncFile(part.journal);
    const aside = replace(files, { part: part.journal, at: restored.at });
    return { ...contents, migratedFrom: version < MIGRATIONS.length ? version : null, aside, doubted };
  } catch (error) {
    throw error instanceof RelayError ? error : explainSqlite(error, to.path);
  } finally {
    remove(part);
    lock.close();
  }
}

const MAGIC = 'SQLite format 3\0';

/** As far as can be seen without reading all of it. */
async function assertBackup(from: string, journal: SqliteFiles): Promise<void> {
  const found = statSync(from, { throwIfNoEntry: false });
  if (found === undefined) throw refusal(`there is no file ${from}.`);
  if (found.isDirectory()) throw refusal(`${from} is a folder. Name the file.`);
  if (!found.isFile()) throw refusal(`${from} is not a regular file.`);
  const own = statSync(journal.journal, { throwIfNoEntry: false });
  if (own?.ino === found.ino && own.dev === found.dev)
    throw refusal(`${from} is the journal itself. If it was put there by other means, use --in-place.`);
  const file = await open(from).catch((error: unknown) => {
    throw refusal(`${error instanceof Error ? error.message : String(error)}.`);
  });
  try {
    const { buffer } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    if (buffer.toString('latin1') !== MAGIC) throw refusal(`${from} is not a SQLite database.`);
  } finally {
    await file.close();
  }
}

function claimed(files: SqliteFiles, path: string): { close(): void } {
  try {
    mkdirSync(dirname(files.journal), { recursive: true, mode: 0o700 });
    createPrivate(files.lock);
    return claim(files.lock);
  } catch (error) {
    const explained = explainSqlite(error, path);
    if (explained.code !== 'journal-locked') throw explained;
    const what = `the journal ${path} is in use by a running service. Stop it (SIGTERM lets it finish), and try again.`;
    throw new JournalError(explained.code, path, what);
  }
}

/** A log without its journal counts, too: SQLite would read it into the next file of that name. */
function assertFree({ journal, wal }: SqliteFiles): void {
  const found = [journal, wal].find((file) => existsSync(file));
  if (found !== undefined) throw new RelayError('journal-exists', found);
}

/** With the log beside it, where it is a plain copy of a journal's files. */
function copyBackup(from: string, part: SqliteFiles): void {
  const log = `${from}-wal`;
  const files = [[from, part.journal], ...(existsSync(log) ? [[log, part.wal]] : [])] as const;
  for (const [source = '', target = ''] of files) {
    copyFileSync(source, target, constants.COPYFILE_EXCL);
    chmodSync(target, 0o600);
  }
}

function damaged(from: string): string {
  return `${from} is damaged or was cut short. Use another backup.`;
}

function look(part: SqliteFiles, from: string): { readonly version: number; readonly contents: Contents } {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(part.journal);
    if (!isWhole(database)) throw refusal(damaged(from));
    return { version: versionOf(database, from), contents: contentsOf(database) };
  } catch (error) {
    if (error instanceof RelayError) throw error;
    const explained = explainSqlite(error, from);
    const { code } = explained;
    if (code === 'journal-not-a-journal') throw refusal(`${from} is a database, but not a journal.`);
    throw code === 'journal-damaged' ? refusal(damaged(from)) : explained;
  } finally {
    database?.close();
  }
}

async function doubt(part: SqliteFiles, restored: Restored): Promise<Doubted> {
  const journal = journalOver(await openSqlite(part.journal));
  try {
    return await journal.doubtUnfinished(restored);
  } finally {
    await journal.close();
  }
}

/**
 * Gives where the journal is that was there. It gets a second name first, under which it is kept: a journal with two
 * names is opened by no service (`journal-linked`), so none can start between the steps with a log that is not its own.
 */
function replace(files: SqliteFiles, { part, at }: { readonly part: string; readonly at: number }): string | null {
  const { journal, wal, shm } = files;
  const kept = `${journal}.${new Date(at).toISOString().replaceAll(/[-:.]/g, '')}`;
  const wasThere = existsSync(journal);
  if (wasThere) linkSync(journal, kept);
  if (existsSync(wal)) renameSync(wal, `${kept}-wal`);
  rmSync(shm, { force: true });
  faultPoint('restore.before-rename');
  renameSync(part, journal);
  syncFolder(dirname(journal));
  return wasThere ? kept : null;
}

function remove({ journal, wal, shm, lock }: SqliteFiles): void {
  for (const file of [journal, wal, shm, lock]) rmSync(file, { force: true });
}

function refusal(why: string): RelayError {
  return new RelayError('not-a-backup', why);
}
