/** Whether an open journal is still in the files that were opened, undamaged and with room to grow. */
import { fstatSync, readSync, type Stats, statfsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type JournalError, journalError } from '../errors.ts';
import type { Operation, Room } from '../operation.ts';
import { type SqliteFiles, secondName } from './files.ts';

const SIDE_FILES_EVERY_MS = 100;
/** With less free than so many of the largest events, a probe writes one. */
const EVENTS_OF_ROOM = 64;

/**
 * Watches the files of an open journal. No 200 may rest on a commit that the next start cannot find: so a commit
 * counts only while the path still leads to the file and the log it was written to. What was found wrong stays so until
 * the next start, which alone opens the files again; what was committed and then refused is sent again by its sender,
 * and is a duplicate then.
 *
 * Known limit: a file that is overwritten in place (`cp backup.db relay.db`) keeps its inode; of the log, only that it was
 * cut short or emptied is noticed. SQLite writes what is left of such a log into the journal when it closes.
 */
export class SqliteGuard implements Room {
  readonly #path: string;
  readonly #files: SqliteFiles;
  readonly #opened: ReadonlyMap<string, Stats>;
  /** Monotonic, in ms. */
  readonly #now: () => number;
  #lookedAt: number;
  /** Nothing more is written. */
  #replaced: JournalError | null = null;
  /** No more events are accepted. What can be read is still delivered. */
  #damaged: JournalError | null = null;
  #short = false;
  /** A descriptor of the log. */
  readonly #log: number;
  /** Bytes of the log after the last commit. */
  #logSize = 0;

  /** Call after the first commit: the log is there then. */
  constructor(path: string, files: SqliteFiles, log: number, now: () => number) {
    this.#path = path;
    this.#files = files;
    this.#now = now;
    this.#lookedAt = now();
    const { journal, wal, shm, lock } = files;
    this.#opened = new Map([path, journal, wal, shm, lock].map((file) => [file, statSync(file)]));
    this.#log = log;
    this.#logSize = fstatSync(this.#log).size;
  }

  /** Of the database file; 0 where it is gone. */
  bytes(): number {
    return statSync(this.#files.journal, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Whether the path still leads to what was opened. */
  intact(): boolean {
    this.#look();
    return this.#replaced === null;
  }

  /**
   * Before a commit: it would write on where the log was cut, and cover that. A log of size 0 may be another's
   * checkpoint, after which the next commit starts a new log.
   */
  beginning(): void {
    const { size } = fstatSync(this.#log);
    if (size > 0 && size < this.#logSize) this.#loseLog('was cut short');
    if (this.#replaced !== null) throw this.#replaced;
  }

  /** Why this operation is not done now; null where it is. */
  refusal({ writes, needs }: Pick<Operation<never, unknown>, 'writes' | 'needs'>): JournalError | null {
    if (needs === undefined) return writes ? this.#replaced : null;
    if (needs === 'health') this.#look();
    return this.#replaced ?? this.#damaged ?? (needs === 'health' ? secondName(this.#path) : null);
  }

  /** After the sync. @throws JournalError where the commit is not in the files that the next start will open. */
  committed(): void {
    const { wal } = this.#files;
    this.#compare(this.#path, wal);
    this.#logSize = fstatSync(this.#log).size;
    if (this.#logSize > 0 && !beginsAsLog(this.#log)) this.#loseLog('was emptied');
    if (this.#now() - this.#lookedAt >= SIDE_FILES_EVERY_MS) this.#look();
    if (this.#replaced !== null) throw this.#replaced;
  }

  /** Learns from an error of the engine. */
  learn(error: JournalError): JournalError {
    if (error === this.#replaced) return error;
    if (error.code === 'journal-damaged' || error.code === 'journal-not-a-journal') {
      this.#damaged ??= journalError('journal-damaged', this.#path, 'a page of it cannot be read');
      return this.#damaged;
    }
    if (error.code === 'journal-full' || error.code === 'journal-failed') this.#short = true;
    return error;
  }

  /** Whether the probe has to write that many bytes to know. */
  mayBeShortOf(bytes: number): boolean {
    return this.#short || freeBytes(this.#files.journal) < EVENTS_OF_ROOM * bytes;
  }

  /** A probe wrote as much as an event may take. */
  roomFound(): void {
    this.#short = false;
  }

  #loseLog(how: string): void {
    this.#replaced ??= journalError('journal-damaged', this.#path, `${basename(this.#files.wal)} ${how}`);
  }

  #look(): void {
    this.#lookedAt = this.#now();
    this.#compare(...this.#opened.keys());
  }

  #compare(...files: readonly string[]): void {
    for (const file of files) {
      if (this.#replaced !== null) return;
      const isJournal = file === this.#path || file === this.#files.journal;
      const change = changeOf(file, { opened: this.#opened.get(file), mayBeEmpty: !isJournal });
      if (change === null) continue;
      const code = isJournal ? 'journal-replaced' : 'journal-side-file';
      this.#replaced = journalError(code, this.#path, `${basename(file)} ${change}`);
    }
  }
}

interface Expected {
  readonly opened: Stats | undefined;
  readonly mayBeEmpty: boolean;
}

function changeOf(file: string, { opened, mayBeEmpty }: Expected): string | null {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return 'was removed or renamed';
    if (found.size === 0 && !mayBeEmpty) return 'was emptied';
    return found.ino === opened?.ino && found.dev === opened.dev ? null : 'is another file now';
  } catch (error) {
    return `cannot be looked at: ${error instanceof Error && 'code' in error ? error.code : 'unknown'}`;
  }
}

/** What a WAL begins with, but for its last bit: the byte order of its checksums. Source: sqlite.org/fileformat2.html. */
const WAL_MAGIC = 0x377f0682;

/** Not so where a commit wrote behind the place at which the log was cut: the hole reads as zeros. */
function beginsAsLog(log: number): boolean {
  const beginning = Buffer.allocUnsafe(4);
  return readSync(log, beginning, 0, 4, 0) === 4 && (beginning.readUInt32BE() & ~1) === WAL_MAGIC;
}

/** Zero where it cannot be found out. */
function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(file);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
