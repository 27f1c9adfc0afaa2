import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DELIVERY_STATES } from '../../src/core/delivery.ts';
import { type Journal, journalOver } from '../../src/journal/contract.ts';
import type { Operation } from '../../src/journal/operation.ts';
import { SqliteConnection } from '../../src/journal/sqlite/connection.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { NOW, receipt, stored } from './samples.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
});

afterEach(() => rm(folder, { recursive: true }));

describe('SQLite', () => {
  test('kill -9 in mid-flood loses nothing that was acknowledged', async () => {
    const script = fileURLToPath(new URL('./flood.ts', import.meta.url));
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    for await (const key of createInterface(child.stdout)) {
      acknowledged.push(key);
      if (acknowledged.length === 500) child.kill('SIGKILL');
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    // The last line may be cut off.
    acknowledged.pop();

    const journal = await openSqliteJournal(path);
    const lanes = new Set(await journal.lanesWithWork());
    expect(acknowledged.filter((key) => !lanes.has(key))).toEqual([]);
    const again = await Promise.all(acknowledged.map((key) => journal.accept(receipt({ key }))));
    expect(again.filter(({ kind }) => kind !== 'duplicate')).toEqual([]);
    await journal.close();
  });

  test('a full disk rejects, keeps what was accepted, and goes on once there is room', async () => {
    const journal = await openSqliteJournal(path, { maxPages: 60 });
    const body = Buffer.alloc(8000, 'x');
    const outcomes = [];
    for (let batch = 0; batch < 10; batch += 1) {
      const keys = Array.from({ length: 5 }, (_, index) => `k${batch}-${index}`);
      outcomes.push(...(await Promise.allSettled(keys.map((key) => journal.accept(receipt({ key, body }))))));
    }
    const rejected = outcomes.filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected[0]).toMatchObject({ reason: { name: 'JournalError', code: 'journal-full', path } });
    expect(await journal.tally()).toMatchObject({ pending: outcomes.length - rejected.length });

    await whileOpen(path, (other) => other.exec('delete from deliveries; delete from events'));
    expect(await journal.accept(receipt({ key: 'room', body }))).toMatchObject({ kind: 'accepted' });
    await journal.close();
  });

  test('held by another writer it rejects in time, and goes on afterwards', async () => {
    const journal = await openSqliteJournal(path, { busyTimeoutMs: 20 });
    await whileOpen(path, async (other) => {
      other.exec('begin immediate');
      await expect(journal.accept(receipt({ key: 'a' }))).rejects.toMatchObject({ code: 'journal-locked' });
      await expect(journal.probe()).rejects.toMatchObject({ code: 'journal-locked' });
      other.exec('rollback');
    });
    await journal.probe();
    expect(await journal.accept(receipt({ key: 'a' }))).toMatchObject({ kind: 'accepted' });
    await journal.close();
  });

  test('one process runs on it at a time, while others read it', async () => {
    const journal = await openSqliteJournal(path);
    await journal.accept(receipt({ key: 'a' }));
    await expect(openSqliteJournal(path)).rejects.toMatchObject({ code: 'journal-locked', path });
    const other = new DatabaseSync(path, { readOnly: true });
    expect(other.prepare('select id from events').all()).toEqual([{ id: 'a' }]);
    other.close();
    await journal.accept(receipt({ key: 'b' }));
    await journal.close();
    await (await openSqliteJournal(path)).close();
  });
});

const SWEEP = { before: NOW + 1, cardsBefore: NOW, now: NOW, limit: 1 };

/** How each is to be found, whatever else is in the journal. Everything but the first rows by number needs an index. */
const FOUND: readonly (readonly [string, (journal: Journal) => Promise<unknown>, readonly string[]])[] = [
  ['next', (journal) => journal.next('#ops', 1), ['INDEX deliveries_unfinished (lane=?)']],
  [
    'what waits',
    (journal) => journal.waiting('#ops', 1),
    ['COVERING INDEX cards_once (source=? AND subject=? AND channel=?)'],
  ],
  ['by number', (journal) => journal.load([1]), ['deliveries USING INTEGER PRIMARY KEY (rowid=?)']],
  [
    'the held',
    (journal) => journal.deliveries({ states: ['held'], limit: 1 }),
    ['SCAN deliveries USING COVERING INDEX deliveries_held'],
  ],
  [
    'what is released',
    (journal) => journal.release(NOW + 1000),
    ['SEARCH deliveries USING COVERING INDEX deliveries_held', 'INDEX deliveries_held (due_at<?)'],
  ],
  [
    'what a threshold counts',
    async (journal) => {
      const threshold = { key: 'k', count: 1, withinMs: 1000 };
      await journal.accept(receipt({ key: 'b', threshold }));
    },
    [
      'COVERING INDEX occurrences_of_key (route_key=? AND at>? AND at<?)',
      'COVERING INDEX occurrences_of_key (route_key=? AND at>? AND at<?)',
      'INDEX sqlite_autoindex_thresholds_1 (route_key=?)',
    ],
  ],
  ['the lanes with work', (journal) => journal.lanesWithWork(), ['SCAN deliveries USING INDEX deliveries_unfinished']],
  ['an event by id', (journal) => journal.events({ id: 'a', limit: 1 }), ['INDEX events_by_id (id=? AND rowid>?)']],
  ['events since', (journal) => journal.events({ since: NOW, limit: 1 }), ['COVERING INDEX events_received']],
  [
    'deliveries since',
    (journal) => journal.deliveries({ since: NOW, limit: 1 }),
    ['COVERING INDEX deliveries_accepted'],
  ],
  ['those of an event', (journal) => journal.deliveries({ eventSeqs: [1], limit: 1 }), ['INDEX deliveries_of_event']],
  ['the dead', (journal) => journal.deliveries({ states: ['dead'], limit: 1 }), ['INDEX deliveries_listed (seq<?)']],
  [
    'the pending',
    (journal) => journal.deliveries({ states: ['pending'], limit: 1 }),
    ['SCAN deliveries USING INDEX deliveries_unfinished'],
  ],
  [
    'failures',
    (journal) => journal.failures({ since: 0, limit: 1 }),
    ['(reported=?)', 'reason_code=?)', 'reason_code=? AND updated_at>?)', 'reason_code=?)'],
  ],
  [
    'old deliveries',
    (journal) => journal.prune({ ...SWEEP, resume: { table: 'deliveries', after: 0 } }),
    ['INDEX deliveries_accepted'],
  ],
  [
    'old events',
    (journal) => journal.prune({ ...SWEEP, resume: { table: 'events', after: 0 } }),
    ['INDEX deliveries_of_event', 'INDEX events_received'],
  ],
];

test.each(FOUND)('%s: found by an index', async (_, ask, expected) => {
  const journal = await openSqliteJournal(path);
  const [, seq = 0] = await stored(journal, { key: 'a', lanes: ['#ops', '#ops'] });
  await journal.complete({ seq, state: 'dead', at: NOW });
  await stored(journal, { key: 'held', heldUntil: NOW + 1000 });
  await journal.close();
  await whileOpen(path, async (database) => {
    const { asked, journal } = watched(database);
    await ask(journal);
    const plans = [...asked].map((sql) => JSON.stringify(database.prepare(`explain query plan ${sql}`).all()));
    const found = plans.filter((plan) => expected.some((words) => plan.includes(words)));
    expect(found, plans.join('\n')).toHaveLength(expected.length);
    expect(plans.join()).not.toMatch(/SCAN (deliveries|events)(?! USING)|TEMP B-TREE/);
  });
});

test('charts and silences read no more than an index', async () => {
  await (await openSqliteJournal(path)).close();
  await whileOpen(path, async (database) => {
    const { asked, journal } = watched(database);
    await journal.minutes(NOW);
    await journal.arrivals(NOW);
    const plans = [...asked].map((sql) => JSON.stringify(database.prepare(`explain query plan ${sql}`).all()));
    for (const index of ['events_received', 'deliveries_ended', 'minutes_1'])
      expect(plans.filter((plan) => plan.includes(index)).length, plans.join('\n')).toBeGreaterThan(0);
    const wide = plans.filter((plan) => !/SEARCH \w+ USING COVERING INDEX|minutes/.test(plan));
    expect(wide).toEqual([]);
  });
});

test('however differently it is asked, the statements stay the same few', async () => {
  await (await openSqliteJournal(path)).close();
  await whileOpen(path, async (database) => {
    const { asked, journal } = watched(database);
    const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
    const states = Array.from({ length: 2 ** DELIVERY_STATES.length }, (_, bits) =>
      DELIVERY_STATES.filter((_, bit) => (bits >> bit) & 1),
    );
    for (const limit of numbers) {
      const seqs = numbers.slice(0, limit);
      await journal.events({ seqs, limit });
      await journal.events({ since: limit, after: limit, id: `${limit}`, limit });
      await journal.deliveries({ seqs, eventSeqs: seqs, limit });
      await journal.deliveries({ eventSeqs: seqs, replayed: limit % 2 === 0, before: limit, limit });
    }
    for (const some of states) {
      await journal.events({ since: 1, limit: 1 });
      await journal.events({ limit: 1 });
      await journal.deliveries({ states: some, since: 1, limit: 1 });
      await journal.deliveries({ states: some, limit: 1 });
    }
    expect(asked.size).toBe(11);
  });
});

/** A journal that says which statements it prepared. Each operation stands alone: there are no transactions. */
function watched(database: DatabaseSync): { asked: Set<string>; journal: Journal } {
  const asked = new Set<string>();
  const prepare = (sql: string) => {
    if (!/^(begin|commit|rollback)/.test(sql)) asked.add(sql);
    return database.prepare(sql);
  };
  const connection = new SqliteConnection({ prepare, close() {} }, null);
  const journal = journalOver({
    lost: new Promise(() => {}),
    call: async <A extends readonly unknown[], R>(operation: Operation<A, R>, given: A) =>
      operation.run(connection, ...given),
    close: () => Promise.resolve(),
  });
  return { asked, journal };
}

async function whileOpen(file: string, use: (database: DatabaseSync) => void | Promise<void>): Promise<void> {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    await use(database);
  } finally {
    database.close();
  }
}
