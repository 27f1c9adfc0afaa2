import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { MIGRATIONS, migrate } from '../../src/journal/migrations.ts';
import type { MoveStep } from '../../src/journal/move/move.ts';
import type { Tables } from '../../src/journal/schema.ts';
import { kyselyOf } from '../../src/journal/sqlite/connection.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { BINARY, LONG, moves, STORM, told } from './moves.ts';
import { NOW, receipt, stored } from './samples.ts';

const { fill, move, openTarget, path, sql, to } = moves();

test('everything is there afterwards, and the journal goes on behind it', async () => {
  const before = await fill();
  const steps: MoveStep[] = [];
  const moved = await move({ onProgress: (step) => steps.push(step) });
  expect(moved.migratedFrom).toBeNull();
  const own = new Set(['probe', 'schema_version']);
  const known = await sql(
    `select relname as name from pg_class where relnamespace = to_regnamespace('${to().schema}') and relkind = 'r'`,
  );
  const names = known.map(({ name }) => String(name)).filter((name) => !own.has(name));
  expect(moved.tables.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  for (const { name, rows, sha256 } of moved.tables) {
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await sql(`select count(*)::int as rows from ${name}`)).toEqual([{ rows }]);
  }
  const all = moved.tables.reduce((sum, { rows }) => sum + rows, 0);
  expect(steps.map(({ of }) => of)).toEqual(steps.map(() => all));
  expect(steps.at(-1)?.rows).toBeGreaterThanOrEqual(all - 3);

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
  const journal = await openSqliteJournal(path());
  expect(await told(journal)).toEqual(before);
  await journal.close();
});

test('an empty journal is moved too, and begins with number 1', async () => {
  await (await openSqliteJournal(path())).close();
  await move();
  const journal = await openTarget();
  expect(await stored(journal, { key: 'first' })).toEqual([1, 1]);
  await journal.close();
});

test('a page ends where it holds enough bytes', async () => {
  await fill();
  const pages = new Map<string, number>();
  const onProgress = ({ table }: MoveStep) => pages.set(table, (pages.get(table) ?? 0) + 1);
  await move({ onProgress, page: { rows: 1000, bytes: 1 } });
  expect(pages.get('deliveries')).toBe(11);
});

test('a journal of an older version is migrated first, and that is said even where nothing comes of it', async () => {
  const database = new DatabaseSync(path());
  const db = kyselyOf(database);
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
  expect(await move()).toMatchObject({ migratedFrom: null });
  const journal = await openTarget();
  expect(await journal.channelId('#ops')).toBe('C1');
  await journal.close();
});

test.each([
  ['changes a row', "new.reason := 'x'; return new", 'deliveries', 'rows of deliveries are not the same'],
  [
    'drops a row',
    "if new.key = 'sending' then return null; end if; return new",
    'seen',
    'rows of seen are not the same',
  ],
  [
    'adds a row',
    "insert into lanes (seq, lane) values (-1, 'x') on conflict do nothing; return new",
    'deliveries',
    'rows of lanes, not',
  ],
])('a target whose trigger %s is told, and keeps nothing', async (_, body, table, message) => {
  await fill();
  await (await openTarget()).close();
  await sql(`create function meddle() returns trigger language plpgsql as 'begin ${body.replaceAll("'", "''")}; end'`);
  await sql(`create trigger meddle before insert on ${table} for each row execute function meddle()`);
  await expect(move()).rejects.toMatchObject({ code: 'journal-miscopied', message: expect.stringContaining(message) });
  await sql('drop function meddle cascade');
  await move();
});
