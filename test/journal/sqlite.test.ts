import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Kysely, SqliteDialect } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DELIVERY_STATES } from '../../src/core/delivery.ts';
import { entryOf } from '../../src/journal/flat.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import type { Tables } from '../../src/journal/schema.ts';
import { SqlStore } from '../../src/journal/sql-store.ts';
import { explainSqlite, sqliteDatabase } from '../../src/journal/sqlite.ts';
import { openInThread } from './drivers.ts';
import { NOW, receipt, stored } from './samples.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
});

afterEach(() => rm(folder, { recursive: true }));

const drivers = [
  ['thread', openInThread],
  ['process', openJournalInProcess],
] as const;

describe.each(drivers)('SQLite, %s', (driver, open) => {
  test('kill -9 in mid-flood loses nothing that was acknowledged', async () => {
    const script = fileURLToPath(new URL('./flood.ts', import.meta.url));
    const child = spawn(process.execPath, [script, path, driver], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    for await (const key of createInterface(child.stdout)) {
      acknowledged.push(key);
      if (acknowledged.length === 500) child.kill('SIGKILL');
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    // The last line may be cut off.
    acknowledged.pop();

    const journal = await open(path);
    const lanes = new Set(await journal.lanesWithWork());
    expect(acknowledged.filter((key) => !lanes.has(key))).toEqual([]);
    const again = await Promise.all(acknowledged.map((key) => journal.accept(receipt({ key }))));
    expect(again.filter(({ kind }) => kind !== 'duplicate')).toEqual([]);
    await journal.close();
  });

  test('a full disk rejects, keeps what was accepted, and goes on once there is room', async () => {
    const journal = await open(path, { maxPages: 60 });
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
    const journal = await open(path, { busyTimeoutMs: 20 });
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
    const journal = await open(path);
    await journal.accept(receipt({ key: 'a' }));
    for (const [, openAgain] of drivers) {
      await expect(openAgain(path)).rejects.toMatchObject({ code: 'journal-locked', path });
    }
    const other = new DatabaseSync(path, { readOnly: true });
    expect(other.prepare('select id from events').all()).toEqual([{ id: 'a' }]);
    other.close();
    await journal.accept(receipt({ key: 'b' }));
    await journal.close();
    await (await open(path)).close();
  });
});

const SWEEP = { before: NOW + 1, cardsBefore: NOW, now: NOW, limit: 1 };

/** How each is to be found, whatever else is in the journal. Everything but the first rows by number needs an index. */
const FOUND: readonly (readonly [string, (store: SqlStore) => Promise<unknown>, readonly string[]])[] = [
  ['next', (store) => store.call('next', { lane: '#ops', limit: 1 }), ['INDEX deliveries_unfinished (lane=?)']],
  [
    'what waits',
    (store) => store.call('waiting', { lane: '#ops', channel: '#ops', limit: 1 }),
    ['COVERING INDEX cards_once (source=? AND subject=? AND channel=?)'],
  ],
  ['by number', (store) => store.call('load', { seqs: [1] }), ['deliveries USING INTEGER PRIMARY KEY (rowid=?)']],
  [
    'the held',
    (store) => store.call('deliveries', { states: ['held'], limit: 1 }),
    ['SCAN deliveries USING COVERING INDEX deliveries_held'],
  ],
  [
    'what is released',
    (store) => store.call('release', { now: NOW + 1000 }),
    ['SEARCH deliveries USING COVERING INDEX deliveries_held', 'INDEX deliveries_held (due_at<?)'],
  ],
  [
    'what a threshold counts',
    async (store) => {
      const threshold = { key: 'k', count: 1, withinMs: 1000 };
      await store.call('accept', entryOf(receipt({ key: 'b', threshold })));
    },
    [
      'COVERING INDEX occurrences_of_key (route_key=? AND at>? AND at<?)',
      'COVERING INDEX occurrences_of_key (route_key=? AND at>? AND at<?)',
      'INDEX sqlite_autoindex_thresholds_1 (route_key=?)',
    ],
  ],
  [
    'the lanes with work',
    (store) => store.call('lanesWithWork', null),
    ['SCAN deliveries USING INDEX deliveries_unfinished'],
  ],
  ['an event by id', (store) => store.call('events', { id: 'a', limit: 1 }), ['INDEX events_by_id (id=? AND rowid>?)']],
  ['events since', (store) => store.call('events', { since: NOW, limit: 1 }), ['COVERING INDEX events_received']],
  [
    'deliveries since',
    (store) => store.call('deliveries', { since: NOW, limit: 1 }),
    ['COVERING INDEX deliveries_accepted'],
  ],
  [
    'those of an event',
    (store) => store.call('deliveries', { eventSeqs: [1], limit: 1 }),
    ['INDEX deliveries_of_event'],
  ],
  [
    'the dead',
    (store) => store.call('deliveries', { states: ['dead'], limit: 1 }),
    ['INDEX deliveries_listed (seq<?)'],
  ],
  [
    'the pending',
    (store) => store.call('deliveries', { states: ['pending'], limit: 1 }),
    ['SCAN deliveries USING INDEX deliveries_unfinished'],
  ],
  [
    'refusals',
    (store) => store.call('refusals', { since: 0, limit: 1 }),
    ['(reported=?)', 'reason_code=?)', 'reason_code=? AND updated_at>?)', 'reason_code=?)'],
  ],
  [
    'old deliveries',
    (store) => store.call('prune', { ...SWEEP, resume: { table: 'deliveries', after: 0 } }),
    ['INDEX deliveries_accepted'],
  ],
  [
    'old events',
    (store) => store.call('prune', { ...SWEEP, resume: { table: 'events', after: 0 } }),
    ['INDEX deliveries_of_event', 'INDEX events_received'],
  ],
];

test.each(FOUND)('%s: found by an index', async (_, ask, expected) => {
  const journal = await openJournalInProcess(path);
  const [, seq = 0] = await stored(journal, { key: 'a', lanes: ['#ops', '#ops'] });
  await journal.settle({ seq, state: 'dead', at: NOW });
  await stored(journal, { key: 'held', heldUntil: NOW + 1000 });
  await journal.close();
  await whileOpen(path, async (database) => {
    const asked = new Set<string>();
    const real = sqliteDatabase(database);
    const prepare = (sql: string) => {
      asked.add(sql);
      return real.prepare(sql);
    };
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: { prepare, close() {} } }) });
    await ask(new SqlStore({ db, path, explain: (error) => explainSqlite(error, path), release() {} }));
    const statements = [...asked].filter((sql) => !/^(begin|commit|rollback)/.test(sql));
    const plans = statements.map((sql) => JSON.stringify(database.prepare(`explain query plan ${sql}`).all()));
    const found = plans.filter((plan) => expected.some((words) => plan.includes(words)));
    expect(found, plans.join('\n')).toHaveLength(expected.length);
    expect(plans.join()).not.toMatch(/SCAN (deliveries|events)(?! USING)|TEMP B-TREE/);
  });
});

test('however differently it is asked, the statements stay the same few', async () => {
  await (await openJournalInProcess(path)).close();
  await whileOpen(path, async (database) => {
    const asked = new Set<string>();
    const real = sqliteDatabase(database);
    const prepare = (sql: string) => {
      asked.add(sql);
      return real.prepare(sql);
    };
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: { prepare, close() {} } }) });
    const store = new SqlStore({ db, path, explain: (error) => explainSqlite(error, path), release() {} });
    const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
    const states = Array.from({ length: 2 ** DELIVERY_STATES.length }, (_, bits) =>
      DELIVERY_STATES.filter((_, bit) => (bits >> bit) & 1),
    );
    for (const limit of numbers) {
      const seqs = numbers.slice(0, limit);
      await store.call('events', { seqs, limit });
      await store.call('events', { since: limit, after: limit, id: `${limit}`, limit });
      await store.call('deliveries', { seqs, eventSeqs: seqs, limit });
      await store.call('deliveries', { eventSeqs: seqs, replayed: limit % 2 === 0, before: limit, limit });
    }
    for (const some of states) {
      await store.call('events', { since: 1, limit: 1 });
      await store.call('events', { limit: 1 });
      await store.call('deliveries', { states: some, since: 1, limit: 1 });
      await store.call('deliveries', { states: some, limit: 1 });
    }
    expect(asked.size).toBe(11);
  });
});

async function whileOpen(file: string, use: (database: DatabaseSync) => void | Promise<void>): Promise<void> {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    await use(database);
  } finally {
    database.close();
  }
}
