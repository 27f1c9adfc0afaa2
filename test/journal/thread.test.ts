import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { StoreJournal } from '../../src/journal/store-journal.ts';
import { ThreadStore } from '../../src/journal/thread-store.ts';

const DIES = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', () => {
    parentPort.postMessage([{ id: 0, value: null }]);
    parentPort.once('message', () => { throw new Error('out of memory'); });
  });
`;

test('a thread that dies rejects what waits for it and what comes after', async () => {
  const worker = new Worker(DIES, { eval: true });
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  const store = new ThreadStore(worker, { path: '/data/relay.db', options: {} });
  await store.opened;
  const journal = new StoreJournal(store);
  const waiting = [journal.tally(), journal.probe()].map((call) =>
    expect(call).rejects.toMatchObject({
      name: 'JournalError',
      code: 'journal-failed',
      message: expect.stringContaining('its thread ended: out of memory'),
    }),
  );
  await Promise.all(waiting);
  await exit;
  await expect(journal.tally()).rejects.toMatchObject({ code: 'journal-failed' });
  await journal.close();
});
