import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, migrate } from '../../../src/journal/migrations.ts';
import { kyselyOf } from '../../../src/journal/sqlite/connection.ts';
import { openSqliteJournal } from '../../helpers/sqlite.ts';
import { NOW, stored } from '../samples.ts';
import { folderWith, RESTORED } from './files.ts';

describe('a restore', () => {
  it('makes a journal whose deliveries are in doubt, and leaves the backup as it was', async () => {
    const { at, restore, folder } = await folderWith(2);
    const before = readFileSync(at('backup.db'));
    const result = await restore('backup.db', { to: 'data/new.db' });
    expect(result).toMatchObject({ events: 2, newestAt: NOW, doubted: { pending: 2, held: 0 } });
    expect(result).toMatchObject({ migratedFrom: null, aside: null });
    expect(readFileSync(at('backup.db'))).toEqual(before);
    expect(statSync(at('data/new.db')).mode & 0o777).toBe(0o600);
    expect(readdirSync(at('data'))).toEqual(['new.db', 'new.db.lock']);
    expect(readdirSync(folder)).not.toContain('backup.db-wal');
    const journal = await openSqliteJournal(at('data/new.db'));
    const doubt = { since: NOW, until: RESTORED.at, lookups: 2 };
    expect(await journal.next('#ops', 9)).toMatchObject([{ doubt }, { doubt }]);
    await journal.close();
  });

  it('replaces a journal only where that is asked for, and keeps it with its log', async () => {
    const { at, restore, ids } = await folderWith(2);
    const journal = await openSqliteJournal(at('relay.db'));
    await stored(journal, { key: 'later' });
    for (const suffix of ['', '-wal']) copyFileSync(at(`relay.db${suffix}`), at(`left.db${suffix}`));
    await journal.close();
    await expect(restore('backup.db', { to: 'left.db' })).rejects.toMatchObject({ code: 'journal-exists' });
    const { aside } = await restore('backup.db', { to: 'left.db', force: true });
    expect(await ids('left.db')).toEqual(['e1', 'e2']);
    expect(aside).toBe(at('left.db.20260101T000100000Z'));
    expect(await ids('left.db.20260101T000100000Z')).toEqual(['e1', 'e2', 'later']);
  });

  it('is refused beside a log whose journal is gone: it would be read into the new one', async () => {
    const { at, restore } = await folderWith(1);
    writeFileSync(at('new.db-wal'), 'left over');
    await expect(restore('backup.db')).rejects.toThrow('new.db-wal exists already');
    await restore('backup.db', { force: true });
    expect(readdirSync(at('.'))).not.toContain('new.db-wal');
  });

  it('is refused while a service has the journal open', async () => {
    const { at, restore } = await folderWith(1);
    const journal = await openSqliteJournal(at('relay.db'));
    await expect(restore('backup.db', { to: 'relay.db', force: true })).rejects.toThrow(
      /is in use by a running service\. Stop it \(SIGTERM lets it finish\), and try again\.$/,
    );
    await stored(journal, { key: 'still' });
    await journal.close();
  });

  it('takes a plain copy of a journal with its log', async () => {
    const { at, restore, ids } = await folderWith(1);
    const journal = await openSqliteJournal(at('relay.db'));
    await stored(journal, { key: 'in the log' });
    for (const suffix of ['', '-wal']) copyFileSync(at(`relay.db${suffix}`), at(`copy.db${suffix}`));
    await journal.close();
    expect(await restore('copy.db')).toMatchObject({ events: 2 });
    expect(await ids('new.db')).toEqual(['e1', 'in the log']);
  });

  it('brings an older backup up to date', async () => {
    const { at, restore, ids } = await folderWith(1);
    const database = new DatabaseSync(at('older.db'));
    const db = kyselyOf(database);
    const migrations = MIGRATIONS.slice(0, -1);
    await migrate(db, { path: '', dialect: 'sqlite', transaction: (body) => body(db), migrations });
    await db.destroy();
    expect(await restore('older.db')).toMatchObject({ migratedFrom: migrations.length, events: 0 });
    expect(await ids('new.db')).toEqual([]);
  });
});

describe('nothing is restored', () => {
  it.each([
    ['from a file that is not there', 'missing', /there is no file .*missing\.$/],
    ['from a folder', 'folder', /is a folder\. Name the file\.$/],
    ['from something else', 'text', /text is not a SQLite database\.$/],
    ['from an empty file', 'empty', /empty is not a SQLite database\.$/],
    ["from another program's database", 'other.db', /other\.db is a database, but not a journal\.$/],
    ['from a backup that was cut short', 'short.db', /short\.db is damaged or was cut short\. Use another backup\.$/],
    ['from a damaged one', 'damaged.db', /damaged\.db is damaged or was cut short\. Use another backup\.$/],
    [
      'from the journal itself',
      'link',
      /is the journal itself\. If it was put there by other means, use --in-place\.$/,
    ],
    ['from a newer version', 'newer.db', /newer\.db was written by a newer alo-relay/],
  ])('%s', async (_, from, why) => {
    const { at, restore, ids } = await folderWith(200);
    mkdirSync(at('folder'));
    writeFileSync(at('text'), 'id,name\n1,Ann\n'.repeat(100));
    writeFileSync(at('empty'), '');
    symlinkSync(at('relay.db'), at('link'));
    const other = new DatabaseSync(at('other.db'));
    other.exec('create table t (a)');
    other.close();
    for (const name of ['short.db', 'damaged.db', 'newer.db']) copyFileSync(at('backup.db'), at(name));
    truncateSync(at('short.db'), statSync(at('short.db')).size - 8_192);
    const bytes = readFileSync(at('damaged.db'));
    bytes.fill(0x41, 20_000, 40_000);
    writeFileSync(at('damaged.db'), bytes);
    const newer = new DatabaseSync(at('newer.db'));
    newer.exec(`insert into schema_version (version, applied_at) values (${MIGRATIONS.length + 1}, 0)`);
    newer.close();
    const before = readdirSync(at('.'));
    await expect(restore(from, { to: 'relay.db', force: true })).rejects.toThrow(why);
    expect(readdirSync(at('.'))).toEqual(before);
    expect((await ids('relay.db')).length).toBe(200);
  });
});
