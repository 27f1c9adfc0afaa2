import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { Kysely, SqliteDialect } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { MIGRATIONS, migrate } from '../../src/journal/migrations.ts';
import { type MoveOptions, type MoveStep, moveJournal } from '../../src/journal/move/move.ts';
import { MOVED_TABLES } from '../../src/journal/move/tables.ts';
import { openJournal, openJournalInProcess } from '../../src/journal/open.ts';
import type { PruneCursor } from '../../src/journal/records.ts';
import type { Tables } from '../../src/journal/schema.ts';
import type { PostgresSettings } from '../../src/journal/settings.ts';
import { sqliteDatabase } from '../../src/journal/sqlite.ts';
import { command, startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { COMMAND, postgresSettings } from './drivers.ts';
import { KEY, LATER, NOW, REASON, receipt, stored } from './samples.ts';

let postgres: TestPostgres;
let url: string;
let folder: string;
let path: string;
let to: PostgresSettings;

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.newDatabase();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
  to = postgresSettings(url, { schema: `s_${randomBytes(6).toString('hex')}` });
});

afterEach(() => rm(folder, { recursive: true }));

const BINARY = Buffer.from([0x7b, 0, 0xff, 0xfe, 0x80, 0x0d, 0x0a, 0x27, 0x5c, 0x22, 0xf0, 0x9f, 0x92]);
const LONG = 'k'.repeat(5000);
const PLACEMENT = { channel: 'C1', ts: '1.1' };

/** Something of everything; numbers with gaps, and the highest ones gone. */
async function fill(journal: Journal): Promise<void> {
  const threshold = { key: 'storm', count: 2, withinMs: 1000 };
  const [shown, sent = 0] = await stored(journal, { key: 'sent' });
  const card = { placement: PLACEMENT, shows: { occurredAt: NOW, eventSeq: shown } };
  await journal.settle({
    seq: sent,
    state: 'sent',
    at: NOW,
    placement: PLACEMENT,
    card: { key: KEY, card },
    channel: { name: '#ops', id: 'C1' },
  });
  const [, dead = 0, parked = 0] = await stored(journal, { key: 'refused', lanes: ['#ops', 'dm:U1'] });
  await journal.settle({
    seq: dead,
    state: 'dead',
    at: NOW + 1,
    reason: { code: 'x', detail: 'nul \0 "quoted" \\ {a,b}' },
  });
  await journal.settle({ seq: parked, state: 'parked', at: NOW + 1, reason: REASON });
  await stored(journal, { key: 'report', reports: [dead] });
  await stored(journal, { key: 'storm 1', threshold });
  await stored(journal, { key: 'storm 2', threshold });
  await stored(journal, { key: 'held', heldUntil: NOW + 9000 });
  await stored(journal, { key: 'binary', body: BINARY, lanes: [] });
  await stored(journal, { key: 'empty', body: Buffer.alloc(0), lanes: [] });
  await stored(journal, { key: LONG, event: { subject: LONG }, lanes: [LONG] });
  await stored(journal, { key: 'a\0b', event: { id: 'i\0d', subject: 's\0\ud800', topic: 'NULL' }, lanes: ['l\0'] });
  const [, doubtful = 0] = await stored(journal, { key: 'doubt' });
  await journal.markSending([doubtful], NOW + 2, doubtful);
  await journal.postpone({ ...LATER, seq: doubtful, doubt: { since: NOW + 2, looks: 1 }, group: doubtful });
  const [, sending = 0] = await stored(journal, { key: 'sending' });
  await journal.markSending([sending], NOW + 3, sending);
  await stored(journal, { key: 'pending' });
  const [, last = 0] = await stored(journal, { key: 'pruned', keepUntil: NOW, receivedAt: NOW - 9000 });
  await journal.settle({ seq: last, state: 'superseded', at: NOW - 5000 });
  let resume: PruneCursor | null = null;
  do {
    resume = (await journal.prune({ before: NOW - 1, cardsBefore: 0, now: NOW, limit: 99, resume })).next;
  } while (resume !== null);
}

/** All that a journal says of itself. */
async function told(journal: Journal) {
  const lanes = await journal.lanesWithWork();
  return {
    lanes: lanes.toSorted(),
    tally: await journal.tally(),
    events: await journal.events({ limit: 99 }),
    deliveries: await journal.deliveries({ limit: 99 }),
    queued: await Promise.all(lanes.toSorted().map((lane) => journal.next(lane, 99))),
    refusals: await journal.refusals({ since: 0, limit: 9 }),
    card: await journal.card(KEY),
    channel: await journal.channelId('#ops'),
    byId: await journal.events({ id: 'i\0d', limit: 9 }),
  };
}

async function filled(): Promise<Awaited<ReturnType<typeof told>>> {
  const journal = await openJournalInProcess(path);
  await fill(journal);
  const all = await told(journal);
  await journal.close();
  return all;
}

function move(changes: Partial<MoveOptions> = {}) {
  const page = { rows: 3, bytes: 1_000_000 };
  return moveJournal({ from: { kind: 'sqlite', path }, to, now: () => NOW, page, ...changes });
}

const inTarget = () => openJournal(to, { ...COMMAND, role: 'service' });

test('everything is there afterwards, and the journal goes on behind it', async () => {
  const before = await filled();
  const steps: MoveStep[] = [];
  const moved = await move({ onProgress: (step) => steps.push(step) });
  expect(moved).toMatchObject({ ok: true, resumed: false, migratedFrom: null });
  expect(moved.tables.map(({ name }) => name)).toEqual(MOVED_TABLES.map(({ name }) => name));
  for (const { rows, digests, differsAt } of moved.tables) {
    expect([rows.target, digests.target, differsAt]).toEqual([rows.source, digests.source, null]);
  }
  expect(steps.at(-1)).toMatchObject({ doing: 'comparing', table: 'deliveries' });
  expect(steps.at(-1)?.rows).toBe(steps.at(-1)?.of);

  const journal = await inTarget();
  // What is found by a long text is found by it still, though Postgres keeps its beginning and a hash.
  const shortened = JSON.parse(JSON.stringify(await told(journal)).replaceAll(/k{600}#[\w-]{43}/g, LONG));
  expect(shortened).toEqual(JSON.parse(JSON.stringify(before)));
  expect(await journal.events({ id: LONG, limit: 2 })).toHaveLength(1);
  for (const key of ['a\0b', LONG, 'sending']) {
    expect(await journal.accept(receipt({ key }))).toEqual({ kind: 'duplicate' });
  }
  const [row] = await command(url, `select body from ${to.schema}.events where id = 'binary'`);
  expect(row?.body).toEqual(BINARY);
  // The last numbers of the source were pruned, and have gone out all the same.
  expect(Math.max(...before.deliveries.map(({ seq }) => seq))).toBe(11);
  expect(Math.max(...before.events.map(({ seq }) => seq))).toBe(13);
  expect(await stored(journal, { key: 'new' })).toEqual([15, 13]);
  // The threshold was reached, and is not told of twice.
  const threshold = { key: 'storm', count: 2, withinMs: 1000 };
  expect(await stored(journal, { key: 'storm 3', threshold, receivedAt: NOW + 1 })).toHaveLength(1);
  await journal.close();
});

test('the file stays as it was, and opens as before', async () => {
  const before = await filled();
  const digest = async () =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  const untouched = await digest();
  await move();
  expect(await digest()).toBe(untouched);
  const journal = await openJournalInProcess(path);
  expect(await told(journal)).toEqual(before);
  await journal.close();
});

test('an empty journal is moved too, and begins with number 1', async () => {
  await (await openJournalInProcess(path)).close();
  expect(await move()).toMatchObject({ ok: true });
  const journal = await inTarget();
  expect(await stored(journal, { key: 'first' })).toEqual([1, 1]);
  await journal.close();
});

/** Aborts the move in between, as far on as it says. */
function abortAt(step: number): Partial<MoveOptions> {
  let left = step;
  const onProgress = () => {
    left -= 1;
    if (left === 0) throw new Error('aborted');
  };
  return { onProgress };
}

test('aborted again and again it goes on behind its last page, and until it is done nobody can use the target', async () => {
  const before = await filled();
  for (const rows of [1, 2, 3, 1, 2, 3]) {
    await expect(move({ ...abortAt(7), page: { rows, bytes: 1_000_000 } })).rejects.toThrow('aborted');
    await expect(inTarget()).rejects.toMatchObject({ code: 'journal-moving', path: to.place });
  }
  await expect(inTarget()).rejects.toThrow(`from ${path}). Run the same \`alo-relay move\` again`);
  const steps: MoveStep[] = [];
  expect(await move({ onProgress: (step) => steps.push(step) })).toMatchObject({ ok: true, resumed: true });
  expect(steps[0]?.rows).toBeGreaterThan(15);
  const journal = await inTarget();
  expect((await told(journal)).tally).toEqual(before.tally);
  await journal.close();
});

test('a page ends where it holds enough bytes', async () => {
  await filled();
  const pages = new Map<string, number>();
  const onProgress = ({ doing, table }: MoveStep) => {
    if (doing === 'copying') pages.set(table, (pages.get(table) ?? 0) + 1);
  };
  expect(await move({ onProgress, page: { rows: 1000, bytes: 1 } })).toMatchObject({ ok: true });
  expect(pages.get('deliveries')).toBe(11 + 1);
});

test('who had the empty target open can neither accept nor send while it is moved', async () => {
  await filled();
  const service = await inTarget();
  await expect(move(abortAt(30))).rejects.toThrow('aborted');
  await expect(service.accept(receipt({ key: 'meanwhile' }))).rejects.toMatchObject({ name: 'JournalError' });
  await expect(service.next('#ops', 9)).rejects.toMatchObject({ name: 'JournalError' });
  await expect(service.lanesWithWork()).rejects.toMatchObject({ name: 'JournalError' });
  expect(await move()).toMatchObject({ ok: true });
  expect(await service.accept(receipt({ key: 'afterwards' }))).toMatchObject({ kind: 'accepted', eventSeq: 15 });
  expect(await service.next('#ops', 99)).not.toEqual([]);
  await service.close();
});

test('a target that was used is refused, with what is in it', async () => {
  await filled();
  const journal = await inTarget();
  await stored(journal, { key: 'theirs' });
  await expect(move()).rejects.toMatchObject({ code: 'journal-not-empty', path: to.place });
  await expect(move()).rejects.toThrow('(seen: 1, events: 1, lanes: 1, deliveries: 1)');
  expect(await stored(journal, { key: 'more' })).toEqual([2, 2]);
  await journal.close();
});

test('a move that was done is not done again', async () => {
  await filled();
  await move();
  await expect(move()).rejects.toThrow(
    `(everything from ${path} was moved there, done at ${new Date(NOW).toISOString()})`,
  );
});

test('an unfinished move goes on from the same journal alone, as it was', async () => {
  await filled();
  await expect(move(abortAt(20))).rejects.toThrow('aborted');
  const other = join(folder, 'other.db');
  await (await openJournalInProcess(other)).close();
  const otherIsNewer = new DatabaseSync(other);
  otherIsNewer.exec('update schema_version set applied_at = applied_at + 1');
  otherIsNewer.close();
  await expect(move({ from: { kind: 'sqlite', path: other } })).rejects.toThrow('of another journal');
  const journal = await openJournalInProcess(path);
  await stored(journal, { key: 'later' });
  await journal.close();
  await expect(move()).rejects.toThrow('which a service has changed since it began');
  await expect(move()).rejects.toMatchObject({ code: 'journal-not-empty' });
});

test.each([
  ['a reason is another one', "update moving_deliveries set reason = 'x' where seq = 2", 'deliveries', 2, [11, 11]],
  ['a body is another one', "update moving_events set body = '' where id = 'binary'", 'events', 7, [13, 13]],
  ['a row is missing', "delete from seen where key = 'sending'", 'seen', 12, [13, 12]],
  ['the last row is missing', 'delete from cards', 'cards', 1, [1, 0]],
  ['a row is too much, behind the others', "insert into people values (9, 'a', null, 1)", 'people', 9, [0, 1]],
  ['a row is too much, in between', "insert into channels values (-1, '#a', 'C2')", 'channels', null, [1, 2]],
])('what is different is told, and the target stays closed: %s', async (_, statement, table, differsAt, rows) => {
  await filled();
  const onProgress = ({ doing }: MoveStep) => {
    if (doing === 'comparing') throw new Error('copied');
  };
  await expect(move({ onProgress })).rejects.toThrow('copied');
  await command(url, `set search_path = ${to.schema}; ${statement}`);
  const { ok, tables } = await move();
  expect(ok).toBe(false);
  const different = tables.filter(({ differsAt: at, rows: found }) => at !== null || found.source !== found.target);
  const [source, target] = rows;
  expect(different).toMatchObject([{ name: table, differsAt, rows: { source, target } }]);
  await expect(inTarget()).rejects.toMatchObject({ code: 'journal-moving' });
});

describe('a source that cannot be moved', () => {
  const tables = () => command(url, `select 1 from pg_namespace where nspname = '${to.schema}'`);

  afterEach(async () => {
    expect(await tables()).toEqual([]);
  });

  test('because it is not there', async () => {
    await expect(move()).rejects.toMatchObject({ code: 'no-journal' });
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('because a service has it open', async () => {
    const service = await openJournal({ kind: 'sqlite', path }, COMMAND);
    await expect(move()).rejects.toMatchObject({ code: 'journal-locked', path });
    await expect(move()).rejects.toThrow('Stop the service (SIGTERM lets it finish), and try again.');
    await service.close();
  });

  test('because it is some other file, or some other database', async () => {
    await writeFile(path, 'remember the milk\n'.repeat(500));
    await expect(move()).rejects.toMatchObject({ code: 'journal-not-a-journal', path });
    const other = join(folder, 'other.db');
    const database = new DatabaseSync(other);
    database.exec('create table people (name text)');
    database.close();
    const bytes = await readFile(other);
    await expect(move({ from: { kind: 'sqlite', path: other } })).rejects.toMatchObject({
      code: 'journal-not-a-journal',
    });
    expect(await readFile(other)).toEqual(bytes);
  });

  test('because a newer program wrote it', async () => {
    await (await openJournalInProcess(path)).close();
    const database = new DatabaseSync(path);
    database.exec(`insert into schema_version values (${MIGRATIONS.length + 1}, 0, 1)`);
    database.close();
    await expect(move()).rejects.toMatchObject({ code: 'journal-newer', path });
  });
});

test('a journal of an older version is migrated first, and that is said even where nothing comes of it', async () => {
  const database = new DatabaseSync(path);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqliteDatabase(database) }) });
  const migrations = MIGRATIONS.slice(0, 2);
  const transaction = (body: (db: Kysely<Tables>) => Promise<void>) => db.transaction().execute(body);
  await migrate(db, { path, dialect: 'sqlite', transaction, migrations });
  database.exec("insert into channels values (5, '#ops', 'C1')");
  await db.destroy();
  const said: number[] = [];
  await expect(
    move({ to: { ...to, url: new Secret('postgres://127.0.0.1:1/x') }, onMigrated: (version) => said.push(version) }),
  ).rejects.toMatchObject({ code: 'journal-unreachable' });
  expect(said).toEqual([2]);
  expect(await move()).toMatchObject({ ok: true, migratedFrom: null });
  const journal = await inTarget();
  expect(await journal.channelId('#ops')).toBe('C1');
  await journal.close();
});

test('a password is in no error', async () => {
  await filled();
  const wrong = new Secret(to.url.reveal().replace(/:[^:@]*@/, ':hunter2@'));
  for (const url of [wrong, new Secret('postgres://relay:hunter2@127.0.0.1:1/relay')]) {
    const error: unknown = await move({ to: { ...to, url } }).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'JournalError' });
    expect(inspect(error)).not.toContain('hunter2');
  }
});
