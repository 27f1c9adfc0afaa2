import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { MIGRATIONS, migrate } from '../../src/journal/migrations.ts';
import type { MoveStep } from '../../src/journal/move/move.ts';
import { MOVED_TABLES } from '../../src/journal/move/tables.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import type { Tables } from '../../src/journal/schema.ts';
import { sqliteDatabase } from '../../src/journal/sqlite.ts';
import { BINARY, LONG, moves, STORM, told } from './moves.ts';
import { NOW, receipt, stored } from './samples.ts';

const { fill, move, openTarget, path, sql, to } = moves();

test('everything is there afterwards, and the journal goes on behind it', async () => {
  const before = await fill();
  const steps: MoveStep[] = [];
  const moved = await move({ onProgress: (step) => steps.push(step) });
  expect(moved).toMatchObject({ ok: true, resumed: false, migratedFrom: null });
  expect(moved.tables.map(({ name }) => name)).toEqual(MOVED_TABLES.map(({ name }) => name));
  for (const { rows, digests, differsAt } of moved.tables) {
    expect([rows.target, digests.target, differsAt]).toEqual([rows.source, digests.source, null]);
  }
  expect(steps.at(-1)).toMatchObject({ doing: 'comparing', table: 'deliveries' });
  expect(steps.at(-1)?.rows).toBe(steps.at(-1)?.of);

  const journal = await openTarget();
  // What is found by a long text is found by it still, though Postgres keeps its beginning and a hash.
  const shortened = JSON.parse(JSON.stringify(await told(journal)).replaceAll(/k{600}#[\w-]{43}/g, LONG));
  expect(shortened).toEqual(JSON.parse(JSON.stringify(before)));
  expect(await journal.events({ id: LONG, limit: 2 })).toHaveLength(1);
  for (const key of ['a\0b', LONG, 'sending']) {
    expect(await journal.accept(receipt({ key }))).toEqual({ kind: 'duplicate' });
  }
  const [row] = await sql("select body from events where id = 'binary'");
  expect(row?.body).toEqual(BINARY);
  // The last numbers of the source were pruned, and have gone out all the same.
  expect(Math.max(...before.deliveries.map(({ seq }) => seq))).toBe(11);
  expect(Math.max(...before.events.map(({ seq }) => seq))).toBe(13);
  expect(await stored(journal, { key: 'new' })).toEqual([15, 13]);
  // The threshold was reached, and is not told of twice.
  expect(await stored(journal, { key: 'storm 3', threshold: STORM, receivedAt: NOW + 1 })).toHaveLength(1);
  await journal.close();
});

test('the file stays as it was, and opens as before', async () => {
  const before = await fill();
  const digest = async () =>
    createHash('sha256')
      .update(await readFile(path()))
      .digest('hex');
  const untouched = await digest();
  await move();
  expect(await digest()).toBe(untouched);
  const journal = await openJournalInProcess(path());
  expect(await told(journal)).toEqual(before);
  await journal.close();
});

test('an empty journal is moved too, and begins with number 1', async () => {
  await (await openJournalInProcess(path())).close();
  expect(await move()).toMatchObject({ ok: true });
  const journal = await openTarget();
  expect(await stored(journal, { key: 'first' })).toEqual([1, 1]);
  await journal.close();
});

test('a page ends where it holds enough bytes', async () => {
  await fill();
  const pages = new Map<string, number>();
  const onProgress = ({ doing, table }: MoveStep) => {
    if (doing === 'copying') pages.set(table, (pages.get(table) ?? 0) + 1);
  };
  expect(await move({ onProgress, page: { rows: 1000, bytes: 1 } })).toMatchObject({ ok: true });
  expect(pages.get('deliveries')).toBe(11 + 1);
});

test('a journal of an older version is migrated first, and that is said even where nothing comes of it', async () => {
  const database = new DatabaseSync(path());
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqliteDatabase(database) }) });
  const migrations = MIGRATIONS.slice(0, 2);
  const transaction = (body: (db: Kysely<Tables>) => Promise<void>) => db.transaction().execute(body);
  await migrate(db, { path: path(), dialect: 'sqlite', transaction, migrations });
  database.exec("insert into channels values (5, '#ops', 'C1')");
  await db.destroy();
  const said: number[] = [];
  await expect(
    move({
      to: { ...to(), url: new Secret('postgres://127.0.0.1:1/x') },
      onMigrated: (version) => said.push(version),
    }),
  ).rejects.toMatchObject({ code: 'journal-unreachable' });
  expect(said).toEqual([2]);
  expect(await move()).toMatchObject({ ok: true, migratedFrom: null });
  const journal = await openTarget();
  expect(await journal.channelId('#ops')).toBe('C1');
  await journal.close();
});

test.each([
  ['a reason is another one', "update moving_deliveries set reason = 'x' where seq = 2", 'deliveries', 2, [11, 11]],
  ['a body is another one', "update moving_events set body = '' where id = 'binary'", 'events', 7, [13, 13]],
  ['a row is missing', "delete from seen where key = 'sending'", 'seen', 12, [13, 12]],
  ['the last row is missing', 'delete from cards', 'cards', 1, [1, 0]],
  ['a row is too much, behind the others', "insert into people values (9, 'a', null, 1)", 'people', 9, [0, 1]],
  ['a row is too much, in between', "insert into channels values (-1, '#a', 'C2')", 'channels', null, [1, 2]],
])('what is different is told, and the target stays closed: %s', async (_, statement, table, differsAt, rows) => {
  await fill();
  const onProgress = ({ doing }: MoveStep) => {
    if (doing === 'comparing') throw new Error('copied');
  };
  await expect(move({ onProgress })).rejects.toThrow('copied');
  await sql(statement);
  const { ok, tables } = await move();
  expect(ok).toBe(false);
  const different = tables.filter(({ differsAt: at, rows: found }) => at !== null || found.source !== found.target);
  const [source, target] = rows;
  expect(different).toMatchObject([{ name: table, differsAt, rows: { source, target } }]);
  await expect(openTarget()).rejects.toMatchObject({ code: 'journal-moving' });
});
