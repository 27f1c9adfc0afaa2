import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeEventHeader } from '../../src/core/event-header.ts';
import { initial } from '../../src/journal/migrations/0001-initial.ts';
import { accounting } from '../../src/journal/migrations/0002-accounting.ts';
import { columnsOf } from '../../src/journal/migrations/columns.ts';
import { MIGRATIONS, type Migration, migrate } from '../../src/journal/migrations.ts';
import type { Tables } from '../../src/journal/schema.ts';
import { kyselyOf } from '../../src/journal/sqlite/connection.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { KEY, LATER, NOW, receipt } from './samples.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
});

afterEach(() => rm(folder, { recursive: true }));

/** A journal as version 1 left it: one delivery in each of its states, a key and a card. */
async function writeVersion1(): Promise<void> {
  const database = new DatabaseSync(path);
  const db = kyselyOf(database);
  database.exec('create table schema_version (version integer primary key, applied_at bigint not null)');
  await initial(db.schema, columnsOf('sqlite'));
  database.exec('insert into schema_version values (1, 0)');
  const { event, body } = receipt({ key: 'old' });
  database
    .prepare(`insert into events values (4, 'old', 'alo', 'action_updated', 'a1', ?, ?, ?)`)
    .run(writeEventHeader(event), body, NOW);
  const deliver = database.prepare(
    `insert into deliveries values (?, 4, '#ops', 'action card', ?, ?, 2, ?, ?, ?, ?, ?, null, null)`,
  );
  const target = JSON.stringify(receipt({ key: 'old' }).deliveries[0]?.target);
  for (const [index, state] of ['pending', 'sending', 'sent', 'superseded', 'dead'].entries()) {
    const reason = state === 'dead' ? ['is_archived', 'The channel is archived.'] : [null, null];
    deliver.run(11 + index, target, state, NOW + 1, NOW, NOW + 20 + index, ...reason);
  }
  database.exec(`insert into seen values (1, 'alo', 'old', ${NOW + 1000})`);
  database.exec(`insert into cards values (1, 'alo', 'a1', '#ops', 'C1', '1.1', null, null)`);
  await db.destroy();
}

/**
 * As version 2 left it, which had it from version 1: what was pending is in doubt, what was dead was replayed as 16,
 * of which version 2 knows the channel.
 */
async function writeVersion2(): Promise<void> {
  await writeVersion1();
  const database = new DatabaseSync(path);
  const db = kyselyOf(database);
  await accounting(db, columnsOf('sqlite'), NOW);
  database.exec(`
    insert into schema_version values (2, 0);
    insert into channels values (1, '#ops', 'C1');
    insert into deliveries select 16, event_seq, lane, route, target, 'parked', 0, due_at, accepted_at, updated_at,
      'unknown', 'It may be there.', null, null, ${NOW}, null, null, ${NOW}, 0, 1, 0 from deliveries where seq = 15;
    update deliveries set replayed_as = 16, reported = 1 where seq = 15;
    update deliveries set doubt_since = ${NOW + 5}, looks = 1 where seq = 11;
  `);
  await db.destroy();
}

test('a journal of version 2 keeps everything, and does from then on what version 3 can', async () => {
  await writeVersion2();
  const journal = await openSqliteJournal(path);
  const tally = {
    held: 0,
    pending: 1,
    sending: 1,
    sent: 1,
    merged: 0,
    superseded: 1,
    dead: 0,
    parked: 1,
    dismissed: 0,
  };
  expect(await journal.tally()).toEqual(tally);
  const doubt = { since: NOW + 5, until: NOW + 20, lookups: 1 };
  const plain = { group: null, released: false, thresholdHit: null, attempts: 2 };
  const rows = await journal.next('#ops', 9);
  expect(rows).toMatchObject([
    { ...plain, seq: 11, doubt },
    { ...plain, seq: 12, doubt: { since: NOW + 21 } },
  ]);
  expect(await journal.load([12, 11])).toEqual(rows);
  expect((await journal.waiting('#ops', 9)).map(({ seq, inDoubt }) => [seq, inDoubt])).toEqual([
    [11, true],
    [12, true],
  ]);
  expect(await journal.deliveries({ seqs: [15, 16], limit: 2 })).toMatchObject([
    { seq: 16, state: 'parked', replay: true, group: null, inDoubt: true },
    { seq: 15, state: 'dead', replayedAs: 16 },
  ]);
  expect(await journal.failures({ since: 0, limit: 9 })).toMatchObject([{ unreported: [16] }]);
  expect(await journal.channelId('#ops')).toBe('C1');

  await journal.retryLater({ ...LATER, seq: 11 });
  await journal.hold(11, NOW + 50, NOW);
  await journal.markSending([12], NOW + 1, 12);
  await journal.complete({ seq: 12, state: 'merged', at: NOW + 2 });
  const threshold = { key: 'k', count: 1, withinMs: 1000 };
  expect(await journal.accept(receipt({ key: 'new', threshold }))).toMatchObject({ seqs: [17] });
  expect(await journal.tally()).toEqual({ ...tally, held: 1, sending: 0, merged: 1 });
  expect(await journal.release(NOW + 50)).toEqual({ lanes: ['#ops'], nextAt: null });
  await journal.close();
});

test('a journal of version 1 keeps everything, and what was being sent comes back with doubt', async () => {
  await writeVersion1();
  const opened = Date.now();
  const journal = await openSqliteJournal(path);
  const { event } = receipt({ key: 'old' });
  expect(await journal.events({ limit: 9 })).toEqual([{ seq: 4, event: { ...event, payload: { key: 'old' } } }]);
  expect(await journal.accept(receipt({ key: 'old' }))).toEqual({ kind: 'duplicate' });
  expect(await journal.tally()).toMatchObject({ pending: 1, sending: 1, sent: 1, superseded: 1, dead: 1, parked: 0 });
  const common = { attempts: 2, dueAt: NOW + 1, acceptedAt: NOW, eventSeq: 4 };
  expect(await journal.next('#ops', 9)).toMatchObject([
    { ...common, seq: 11, doubt: null, dueSetAt: NOW + 20 },
    { ...common, seq: 12, doubt: { since: NOW + 21, until: NOW + 21, lookups: 0 }, dueSetAt: NOW + 21 },
  ]);
  expect(await journal.deliveries({ states: ['dead'], limit: 9 })).toMatchObject([
    { seq: 15, replay: false, replayedAs: null, inDoubt: false, updatedAt: NOW + 24, reason: { code: 'is_archived' } },
  ]);
  // Nobody was told by version 1.
  expect(await journal.failures({ since: NOW, limit: 9 })).toMatchObject([{ count: 1, unreported: [15] }]);

  const sweep = { before: 0, now: 0, limit: 9, resume: { table: 'cards', after: 0 } } as const;
  expect(await journal.prune({ ...sweep, cardsBefore: opened })).toMatchObject({ removed: 0 });
  expect(await journal.card(KEY)).toEqual({ placement: { channel: 'C1', ts: '1.1' }, shows: null });
  expect(await journal.prune({ ...sweep, cardsBefore: Date.now() + 1 })).toMatchObject({ removed: 1 });
  await journal.close();
});

describe('rolling deploys', () => {
  /** What later programs may do: the first adds a table, then a column with a default, takes one away, adds again. */
  const later: readonly Migration[] = [
    { run: async ({ schema }) => schema.createTable('extra').addColumn('id', 'integer').execute(), additive: true },
    {
      run: async ({ schema }) =>
        schema
          .alterTable('events')
          .addColumn('extra', 'integer', (column) => column.notNull().defaultTo(0))
          .execute(),
      additive: true,
    },
    { run: async ({ schema }) => schema.alterTable('events').dropColumn('extra').execute() },
    { run: async ({ schema }) => schema.dropTable('extra').execute(), additive: true },
  ];

  test.each([
    [1, 'goes on'],
    [2, 'goes on'],
    [3, `its version is ${MIGRATIONS.length + 3}`],
    [4, `its version is ${MIGRATIONS.length + 4}`],
  ])('after %i steps more, this program: %s', async (steps, outcome) => {
    await (await openSqliteJournal(path)).close();
    const database = new DatabaseSync(path);
    const db = kyselyOf(database);
    const transaction = (body: (within: Kysely<Tables>) => Promise<void>) => db.transaction().execute(body);
    const migrations = [...MIGRATIONS, ...later.slice(0, steps)];
    await migrate(db, { path, dialect: 'sqlite', transaction, migrations });
    await db.destroy();
    const opening = openSqliteJournal(path).then(async (journal) => {
      expect(await journal.accept(receipt({ key: 'a' }))).toMatchObject({ kind: 'accepted' });
      await journal.close();
      return 'goes on';
    });
    expect(await opening.catch((error: unknown) => String(error))).toContain(outcome);
  });
});

test.each(['thread', 'process'])(
  'killed in the middle of a migration, %s, it is done by the next start',
  async (driver) => {
    await writeVersion1();
    await dying('migrate.before-commit', driver);
    const database = new DatabaseSync(path);
    expect(database.prepare('select version from schema_version').all()).toEqual([{ version: 1 }]);
    database.close();
    const journal = await openSqliteJournal(path);
    expect((await journal.next('#ops', 9)).map(({ seq }) => seq)).toEqual([11, 12]);
    await journal.close();
  },
);

test('killed at its third event, before the first commit, it keeps nothing and has acknowledged nothing', async () => {
  expect(await dying('accept.before-commit#3', 'thread')).toEqual([]);
  const journal = await openSqliteJournal(path);
  expect(await journal.lanesWithWork()).toEqual([]);
  expect(await journal.accept(receipt({ key: 'k1' }))).toMatchObject({ kind: 'accepted', eventSeq: 1 });
  await journal.close();
});

/** What a process acknowledged that accepts events until it gets to that fault point. */
async function dying(point: string, driver: string): Promise<string[]> {
  const script = fileURLToPath(new URL('./flood.ts', import.meta.url));
  const env = { ...process.env, ALO_RELAY_DIE_AT: point };
  const child = spawn(process.execPath, [script, path, driver], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  return Buffer.concat(output).toString().split('\n').slice(0, -1);
}
