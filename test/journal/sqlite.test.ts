import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Kysely, SqliteDialect } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournal, openJournalInProcess } from '../../src/journal/open.ts';
import type { Tables } from '../../src/journal/schema.ts';
import { SqlStore } from '../../src/journal/sql-store.ts';
import { explainSqlite, sqliteDatabase } from '../../src/journal/sqlite.ts';
import { receipt } from './samples.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
});

afterEach(() => rm(folder, { recursive: true }));

const drivers = [
  ['thread', openJournal],
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

test('a lane and the lanes with work are read by the index of what is unfinished', async () => {
  await (await openJournalInProcess(path)).close();
  await whileOpen(path, async (database) => {
    const asked: string[] = [];
    const prepare = (sql: string) => {
      asked.push(sql);
      return sqliteDatabase(database).prepare(sql);
    };
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: { prepare, close() {} } }) });
    const store = new SqlStore({ db, path, explain: (error) => explainSqlite(error, path), release() {} });
    await store.call('next', { lane: '#ops', limit: 1 });
    await store.call('lanesWithWork', null);
    const plans = asked.map((sql) => JSON.stringify(database.prepare(`explain query plan ${sql}`).all()));
    expect(plans[0]).toContain('SEARCH deliveries USING INDEX deliveries_unfinished (lane=?)');
    expect(plans[1]).toContain('SCAN deliveries USING INDEX deliveries_unfinished');
    expect(plans.join()).not.toContain('TEMP B-TREE');
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
