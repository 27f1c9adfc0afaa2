/**
 * Syncs the write-ahead log to disk, without holding up the event loop.
 *
 * SQLite runs with `synchronous=NORMAL`, which does not sync the log at a commit. The commit is then in the log file as
 * the operating system sees it: a process that dies loses nothing, a power loss may. So nobody is answered before
 * `fdatasync` of that file, which began after the commit, has returned. Why that is enough:
 *
 * - Recovery reads the log from its beginning up to the last commit whose frames are whole: each frame carries the
 *   salts of this log and a checksum over all frames before it. Frames that were not synced may be missing or torn, and
 *   end the reading; frames that were synced are read, and those before them were synced with them.
 * - The log may be written from its beginning again only once all of it has been copied into the database file. SQLite
 *   syncs the log before it copies (a checkpoint) and the database file after it, in NORMAL too; and when it begins a
 *   log again, it syncs the header, with its new salts, before a frame that relies on it.
 * - The file stays the same one while a connection is open: SQLite removes it only when the last one closes.
 * - The first sync of a log that was just created syncs its folder, too: SQLite does that itself.
 *
 * A sync that fails is the end: what the disk kept is not known, and the system may report the next one as done all the
 * same. The journal is lost then, and the next start writes again what it reads there (open.ts).
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { SqliteFiles } from './files.ts';

/** Where the index of the log (the `-shm` file) counts the frames in use. Source: sqlite.org/walformat.html, mxFrame. */
const FRAMES_AT = 16;

/** As `fdatasync` of node:fs. */
export type SyncFile = (fd: number, done: (error: Error | null) => void) => void;

export class SyncedLog {
  /** A descriptor of the log. */
  readonly fd: number;
  readonly #index: number;
  readonly #frames = new Uint32Array(1);
  readonly #syncFile: SyncFile;

  /** Opens the log, which is there after the first commit. */
  constructor({ wal, shm }: Pick<SqliteFiles, 'wal' | 'shm'>, syncFile: SyncFile) {
    this.#syncFile = syncFile;
    this.fd = openSync(wal, 'r+');
    this.#index = openSync(shm, 'r');
  }

  /** Resolves when everything committed so far is on disk. Rejects where that is not certain. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#syncFile(this.fd, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Pages in the log since it last restarted; its file does not shrink. */
  frames(): number {
    readSync(this.#index, this.#frames, 0, 4, FRAMES_AT);
    return this.#frames[0] ?? 0;
  }

  /** After the database was closed: to close any handle of the index drops SQLite's locks on it. */
  close(): void {
    closeSync(this.fd);
    closeSync(this.#index);
  }
}
