/** SQLite's thread, where it cannot be started, or ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '../helpers/clock.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { receipt } from './samples.ts';

const threads = vi.hoisted(() => ({ started: 0, fail: true, kill: (): void => {} }));

vi.mock(import('node:worker_threads'), async (original) => {
  const { Worker, ...rest } = await original();
  class Counted extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      threads.started += 1;
      if (threads.fail) throw new Error('EAGAIN');
      super(...given);
      threads.kill = () => void this.terminate();
    }
  }
  return { ...rest, Worker: Counted };
});

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
  Object.assign(threads, { started: 0, fail: true });
});

afterEach(() => rm(folder, { recursive: true }));

/** Two of them exceed what the log is to have, 8,000 pages. */
const flood = (name: string) =>
  Array.from({ length: 300 }, (_, index) => receipt({ key: `${name}${index}`, body: Buffer.alloc(64 * 1024, 'x') }));

test('without a thread long reads fail and say why; what is written is written once', async () => {
  const clock = new ManualClock();
  const journal = await openSqliteJournal(path, { smallBytes: 0, clock });
  const failed = { code: 'journal-failed', message: expect.stringContaining('cannot be started: EAGAIN') };
  await expect(journal.tally()).rejects.toMatchObject(failed);
  const accepted = [];
  for (const name of ['a', 'b', 'c']) {
    accepted.push(...(await Promise.all(flood(name).map((event) => journal.accept(event)))));
  }
  expect(accepted.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
  // One for the read; those for the log were asked for once, and not with every commit.
  expect(threads.started).toBe(2);

  await clock.advance(1_000);
  threads.fail = false;
  await journal.accept(receipt({ key: 'd' }));
  expect(threads.started).toBe(3);
  expect(await journal.tally()).toMatchObject({ pending: 901 });
  expect(threads.started).toBe(3);
  await journal.close();
});

test('a thread that ends in the middle of a read fails that read, and the next one has another', async () => {
  threads.fail = false;
  const journal = await openSqliteJournal(path, { smallBytes: 0 });
  const reading = expect(journal.tally()).rejects.toMatchObject({
    code: 'journal-failed',
    message: expect.stringContaining('the thread that reads it ended'),
  });
  threads.kill();
  await reading;
  await journal.accept(receipt({ key: 'a' }));
  expect(await journal.tally()).toMatchObject({ pending: 1 });
  expect(threads.started).toBe(2);
  await journal.close();
});
