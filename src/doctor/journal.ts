/**
 * Whether the journal can be used, without using it: nothing is created, migrated or written. Its file may belong to a
 * running service.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { JournalError, journalError } from '../journal/errors.ts';
import { explainSqlite } from '../journal/sqlite/errors.ts';
import { secondName, sqliteFiles } from '../journal/sqlite/files.ts';
import { type Finding, note, ok, problem, warning } from './finding.ts';

const MIB = 1024 ** 2;
const LITTLE_ROOM = 1024 * MIB;
const NO_ROOM = 64 * MIB;

export function isSameFile(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    const [one, other] = [statSync(a), statSync(b)];
    return one.dev === other.dev && one.ino === other.ino;
  } catch {
    return false;
  }
}

export interface JournalUse {
  readonly path: string;
  /** The service that runs says that it has this journal. */
  readonly inService: boolean;
  /** A service runs that cannot be asked which journal it has. */
  readonly maybeInService: boolean;
}

export async function examineJournal(use: JournalUse): Promise<Finding[]> {
  return [journalFinding(use), ...damageFinding(use.path), await roomFinding(use.path)];
}

function journalFinding({ path, inService, maybeInService }: JournalUse): Finding {
  if (!existsSync(path)) return missingFinding(path);
  const used = () => ok('journal', `${path} is in use by the running service, ${sizeOf(path)}.`);
  if (inService) return used();
  try {
    probe(path);
    return ok('journal', `${path} can be written, ${sizeOf(path)}.`);
  } catch (error) {
    const { code, message } = explained(error, path);
    return code === 'journal-locked' && maybeInService ? used() : problem(code, ...split(message));
  }
}

/** The service creates it, with its folder. */
function missingFinding(path: string): Finding {
  const folder = nearestFolder(dirname(path));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return note('journal-new', `${path} is not there yet: the service creates it.`);
  } catch {
    return problem(
      'journal-path',
      `${path} cannot be created: this user may not write to ${folder}.`,
      'Give `journal:` a file in a folder that this user may write to.',
    );
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** What a few seconds are enough for. */
const CHECKED_MIB = 1024;

/** Whether its pages can be read, beside a service that uses it. */
function damageFinding(path: string): Finding[] {
  if (!existsSync(path) || !statSync(path).isFile()) return [];
  const command = `sqlite3 ${path} "pragma quick_check"`;
  if (statSync(path).size > CHECKED_MIB * MIB) {
    return [
      note('journal-pages', `Its pages were not checked: it is larger than ${CHECKED_MIB} MiB.`, `Run ${command}.`),
    ];
  }
  let database: DatabaseSync | null = null;
  try {
    database = openToRead(path);
    const rows = database.prepare('pragma quick_check(1)').all();
    if (rows.every((row) => row.quick_check === 'ok')) return [ok('journal-pages', 'Its pages are whole.')];
    return [damagedFinding(path)];
  } catch (error) {
    const { code } = explained(error, path);
    return code === 'journal-damaged' ? [damagedFinding(path)] : [];
  } finally {
    database?.close();
  }
}

/** Without a log nobody has it open; SQLite would leave one behind, unless the file is said not to change. */
function openToRead(path: string): DatabaseSync {
  const { journal, wal } = sqliteFiles(path);
  const url = pathToFileURL(journal);
  if (!existsSync(wal)) url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true, timeout: 1_000 });
}

/** Without what SQLite says of it, which may quote a row. */
function damagedFinding(path: string): Finding {
  const { code, message } = journalError('journal-damaged', path, 'pragma quick_check');
  return problem(code, ...split(message));
}

/** With what its log holds: that is as much a part of it. */
function sizeOf(path: string): string {
  const { journal, wal } = sqliteFiles(path);
  const files = [journal, wal].filter((file) => existsSync(file));
  return sizeText(files.reduce((bytes, file) => bytes + statSync(file).size, 0));
}

/** Throws where the journal is taken, is none, or cannot be written. Journals are claimed by a lock on the file beside them. */
function probe(path: string): void {
  if (!statSync(path).isFile()) throw journalError('journal-path', path, 'it is not a file');
  const linked = secondName(path);
  if (linked !== null) throw linked;
  const { journal, lock } = sqliteFiles(path);
  accessSync(journal, constants.R_OK | constants.W_OK);
  accessSync(dirname(journal), constants.W_OK);
  for (const file of [lock, journal].filter((one) => existsSync(one))) {
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      database.exec('begin immediate; rollback');
    } finally {
      database.close();
    }
  }
}

function explained(error: unknown, path: string): JournalError {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return journalError('journal-readonly', path);
  return error instanceof JournalError ? error : explainSqlite(error, path);
}

/** The catalogue's messages: what is wrong, then what to do. */
function split(message: string): [string, string] {
  const end = message.search(/\. (?=[A-Z])/) + 1;
  const sentence = message.slice(0, end);
  return [`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`, message.slice(end).trim()];
}

async function roomFinding(path: string): Promise<Finding> {
  const folder = nearestFolder(dirname(path));
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const remedy = 'Free space: with a full disk webhooks are answered 503, and the senders have to send again.';
    if (free < NO_ROOM) return problem('disk', `Only ${sizeText(free)} are free on the journal's disk.`, remedy);
    if (free < LITTLE_ROOM) return warning('disk', `Only ${sizeText(free)} are free on the journal's disk.`, remedy);
    return ok('disk', `${sizeText(free)} are free on its disk.`);
  } catch {
    return note('disk', `How much room the disk of ${folder} has could not be found out.`);
  }
}

export function sizeText(bytes: number): string {
  const mib = bytes / MIB;
  if (mib < 1) return `${Math.ceil(bytes / 1024)} KiB`;
  return mib < 1024 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}
