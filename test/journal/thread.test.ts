import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { StoreJournal } from '../../src/journal/store-journal.ts';
import { openThreadStore, startThread, ThreadStore } from '../../src/journal/thread-store.ts';
import { receipt } from './samples.ts';

const DIES = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', () => {
    parentPort.postMessage([{ id: 0, value: null }]);
    parentPort.once('message', () => { throw new Error('out of memory'); });
  });
`;

test('a thread that dies rejects what waits for it and what comes after, and the journal says that it is lost', async () => {
  const worker = new Worker(DIES, { eval: true });
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  const store = new ThreadStore(worker, { path: '/data/relay.db', options: {} });
  await store.opened;
  const journal = new StoreJournal(store);
  const why = {
    name: 'JournalError',
    code: 'journal-lost',
    outage: true,
    message: expect.stringContaining('its thread ended: out of memory'),
  };
  const waiting = [journal.tally(), journal.probe()].map((call) => expect(call).rejects.toMatchObject(why));
  await Promise.all(waiting);
  expect(await journal.lost).toMatchObject(why);
  await exit;
  await expect(journal.tally()).rejects.toMatchObject({ code: 'journal-lost' });
  await journal.close();
});

test('a real thread that is ended in mid-work: the journal is lost, and another takes over what was accepted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  const path = join(folder, 'relay.db');
  const worker = startThread();
  const journal = new StoreJournal(await openThreadStore(worker, path, {}));
  await journal.accept(receipt({ key: 'a' }));
  const underWay = journal.accept(receipt({ key: 'b' }));
  const rejected = expect(underWay).rejects.toMatchObject({ code: 'journal-lost', path });
  await worker.terminate();
  expect(await journal.lost).toMatchObject({ name: 'JournalError', code: 'journal-lost', path });
  await rejected;
  await journal.close();

  const next = new StoreJournal(await openThreadStore(startThread(), path, {}));
  expect(await next.accept(receipt({ key: 'a' }))).toEqual({ kind: 'duplicate' });
  let lost = false;
  void next.lost.then(() => {
    lost = true;
  });
  await next.close();
  expect(lost).toBe(false);
  await rm(folder, { recursive: true });
});
