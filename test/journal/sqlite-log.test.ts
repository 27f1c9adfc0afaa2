/** SQLite's log: what is answered when it was synced, or could not be, and when it is copied into the database file. */
import { copyFileSync, existsSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/journal/contract.ts';
import { inTransaction } from '../../src/journal/sqlite/connection.ts';
import type { SyncFile } from '../../src/journal/sqlite/synced-log.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { until } from '../helpers/until.ts';
import { NOW, receipt } from './samples.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
});

afterEach(() => rm(folder, { recursive: true }));

/** Syncs that wait until they are told how they ended, once the journal is open. */
function disk() {
  const waiting: Parameters<SyncFile>[1][] = [];
  let opened = false;
  return {
    waiting,
    syncFile: ((_, done) => {
      if (opened) waiting.push(done);
      else done(null);
    }) satisfies SyncFile,
    opened() {
      opened = true;
    },
    async next(error: Error | null) {
      const done = await until(() => waiting.shift());
      done(error);
    },
  };
}

describe('a sync', () => {
  test('is waited for before anybody is answered', async () => {
    const { syncFile, opened, next, waiting } = disk();
    const committed: number[] = [];
    const onCommit = ({ changes }: { changes: number }) => committed.push(changes);
    const journal = await openSqliteJournal(path, { syncFile, onCommit });
    opened();
    const answered: string[] = [];
    const accepting = ['a', 'b'].map(async (key) => {
      await journal.accept(receipt({ key }));
      answered.push(key);
    });
    await until(() => waiting.length === 1);
    // The commit itself is done, as whoever reads sees.
    expect(await journal.lanesWithWork()).not.toEqual([]);
    expect([answered, committed]).toEqual([[], []]);
    await next(null);
    await Promise.all(accepting);
    expect([answered, committed]).toEqual([['a', 'b'], [2]]);
    await journal.close();
  });

  test('is waited for before the journal is closed', async () => {
    const { syncFile, opened, next, waiting } = disk();
    const journal = await openSqliteJournal(path, { syncFile });
    opened();
    const accepting = journal.accept(receipt({ key: 'a' }));
    await until(() => waiting.length === 1);
    let isClosed = false;
    const closing = journal.close().then(() => {
      isClosed = true;
    });
    // A journal without anything under way is closed by then.
    const idle = await openSqliteJournal(join(folder, 'idle.db'));
    await idle.close();
    expect(isClosed).toBe(false);
    await next(null);
    expect(await accepting).toMatchObject({ kind: 'accepted' });
    await closing;
  });

  test('that failed ends the journal: all are refused, and the next start answers for what it finds', async () => {
    const { syncFile, opened, next, waiting } = disk();
    const journal = await openSqliteJournal(path, { syncFile });
    opened();
    const refused = { code: 'journal-lost', path };
    const first = ['a', 'b'].map((key) => journal.accept(receipt({ key })));
    await until(() => waiting.length === 1);
    const second = journal.accept(receipt({ key: 'c' }));
    const outcomes = Promise.allSettled([...first, second]);
    await next(new Error('EIO'));
    expect(await outcomes).toMatchObject(Array(3).fill({ reason: refused }));
    expect(await journal.lost).toMatchObject(refused);
    await expect(journal.lanesWithWork()).rejects.toMatchObject(refused);
    await expect(journal.probe()).rejects.toMatchObject(refused);
    expect(waiting).toEqual([]);
    await journal.close();

    const again = await openSqliteJournal(path);
    const events = await again.events({ limit: 10 });
    for (const key of ['a', 'b', 'c']) {
      const known = events.some(({ event }) => event.id === key);
      expect(await again.accept(receipt({ key }))).toMatchObject({ kind: known ? 'duplicate' : 'accepted' });
    }
    expect(await again.tally()).toMatchObject({ pending: 3 });
    await again.close();
  });
});

/** More pages than the log is to have: 8,000. */
const MANY = Array.from({ length: 600 }, (_, index) => `k${index}`);
const BODY = Buffer.alloc(64 * 1024, 'x');

test('a long log is copied into the database file while the journal is open, and is gone once it is closed', async () => {
  const journal = await openSqliteJournal(path);
  const accepted = await Promise.all(MANY.map((key) => journal.accept(receipt({ key, body: BODY }))));
  expect(accepted.every(({ kind }) => kind === 'accepted')).toBe(true);
  await until(() => statSync(path).size > 30_000_000);
  await journal.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
});

test('a log that was left behind is copied before anything is answered', async () => {
  const left = await openSqliteJournal(path);
  await left.accept(receipt({ key: 'a' }));
  const copy = join(folder, 'copy.db');
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
  const journal = await openSqliteJournal(copy);
  const alone = join(folder, 'alone.db');
  copyFileSync(copy, alone);
  const database = new DatabaseSync(alone);
  expect(database.prepare('select id from events').all()).toEqual([{ id: 'a' }]);
  database.close();
  await journal.close();
  await left.close();
});

test('what is under way is finished before it is closed, long reads too; then everything is refused', async () => {
  const journal = await openSqliteJournal(path, { smallBytes: 0 });
  const outcomes = Promise.allSettled([
    journal.accept(receipt({ key: 'a' })),
    journal.tally(),
    journal.deliveries({ limit: 1 }),
    journal.prune({ before: NOW, cardsBefore: NOW, now: NOW, resume: null, limit: 1 }),
  ]);
  const closed = journal.close();
  await expect(journal.tally()).rejects.toMatchObject({ code: 'journal-closed' });
  await closed;
  expect((await outcomes).map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
  await expect(journal.accept(receipt({ key: 'b' }))).rejects.toMatchObject({ code: 'journal-closed' });
  await journal.close();
});

test('what was not committed is not remembered: its number is given to another event', async () => {
  const journal = await openSqliteJournal(path, { maxPages: 60 });
  const withPayload = (given: NewEvent) => ({ ...given, event: { ...given.event, payload: given.event.id } });
  const tooMuch = receipt({ key: 'much', body: Buffer.alloc(1024 ** 2, 'x') });
  const refused = [withPayload(receipt({ key: 'a' })), tooMuch].map((given) => journal.accept(given));
  expect(await Promise.allSettled(refused)).toMatchObject(Array(2).fill({ reason: { code: 'journal-full' } }));
  const given = withPayload(receipt({ key: 'b', state: 'sending' }));
  expect(await journal.accept(given)).toMatchObject({ eventSeq: 1 });
  expect(await journal.next('#ops', 1)).toMatchObject([{ event: { id: 'b', payload: { key: 'b' } } }]);
  await journal.close();
});

test('of a file that was replaced, long reads see what was accepted, too', async () => {
  const journal = await openSqliteJournal(path, { smallBytes: 0 });
  await journal.accept(receipt({ key: 'a' }));
  const other = join(folder, 'other.db');
  await (await openSqliteJournal(other)).close();
  renameSync(other, path);
  for (const end of ['-wal', '-shm']) unlinkSync(`${path}${end}`);
  expect(await journal.tally()).toMatchObject({ pending: 1 });
  await journal.close();
});

test('a transaction that SQLite itself has rolled back fails with what went wrong', async () => {
  const database = new DatabaseSync(path);
  const body = async () => {
    database.exec('rollback');
    throw new Error('the disk is full');
  };
  await expect(inTransaction(database, body)).rejects.toThrow('the disk is full');
  database.close();
});
