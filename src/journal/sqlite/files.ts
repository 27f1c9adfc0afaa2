/** Where the files of a SQLite journal are. */
import { closeSync, fsyncSync, openSync, realpathSync, statSync } from 'node:fs';
import { type JournalError, journalError } from '../errors.ts';

export interface SqliteFiles {
  readonly journal: string;
  readonly wal: string;
  readonly shm: string;
  /** The claim on the journal. */
  readonly lock: string;
}

/** Beside the file that `path` leads to, past symbolic links: every name of a journal has the same lock. */
export function sqliteFiles(path: string): SqliteFiles {
  const journal = realPath(path);
  return { journal, wal: `${journal}-wal`, shm: `${journal}-shm`, lock: `${journal}.lock` };
}

/** On disk, its log included. */
export function bytesOf(path: string): number {
  const { journal, wal } = sqliteFiles(path);
  return [journal, wal].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Null unless the journal has a second name, by which another process would find neither its log nor its lock. */
export function secondName(path: string): JournalError | null {
  const nlink = statSync(path, { throwIfNoEntry: false })?.nlink ?? 1;
  return nlink > 1 ? journalError('journal-linked', path, `it has ${nlink} names`) : null;
}

export function syncFile(path: string): void {
  sync(path, 'r+');
}

/** Or a power loss may take what was created or renamed in it. */
export function syncFolder(path: string): void {
  // Windows opens no folders.
  if (process.platform !== 'win32') sync(path, 'r');
}

function sync(path: string, flags: string): void {
  const fd = openSync(path, flags);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
