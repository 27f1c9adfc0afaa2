/** How much room the journal takes, and how much is left for it. */
import { stat, statfs } from 'node:fs/promises';
import { sqliteFiles } from '../journal/sqlite/files.ts';

export interface DiskUse {
  /** The journal with what SQLite keeps beside it. */
  readonly journalBytes: number;
  readonly freeBytes: number;
  readonly diskBytes: number;
}

/** Of a journal file. Nothing is opened: that would let go of the service's claim on it. Rejects where there is none. */
export async function diskUse(path: string): Promise<DiskUse> {
  const files = sqliteFiles(path);
  const [journal, wal, shared, disk] = await Promise.all([
    stat(path),
    sizeOf(files.wal),
    sizeOf(files.shm),
    statfs(path),
  ]);
  return {
    journalBytes: journal.size + wal + shared,
    freeBytes: disk.bavail * disk.bsize,
    diskBytes: disk.blocks * disk.bsize,
  };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
