import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteJournal } from '../../helpers/sqlite.ts';
import { stored } from '../samples.ts';
import { folderWith } from './files.ts';

describe('a backup', () => {
  it('is one file that nobody else may read, and says what is in it', async () => {
    const { at, back, folder } = await folderWith(3);
    expect(await back('again.db')).toMatchObject({ events: 3, unfinished: 3, held: 0, failed: 0 });
    expect(statSync(at('again.db')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['again.db', 'backup.db', 'relay.db', ...SIDE_FILES]);
  });

  it('of a journal that is open holds every event that was accepted before it began, whatever comes meanwhile', async () => {
    const { at, back, ids } = await folderWith(1);
    const journal = await openSqliteJournal(at('relay.db'));
    const accepted: string[] = [];
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        const keys = Array.from({ length: 50 }, (_, index) => `w${n}-${index}`);
        await Promise.all(keys.map((key) => stored(journal, { key, body: Buffer.alloc(4_000, 'x') })));
        accepted.push(...keys);
      }
    })();
    while (accepted.length < 2_000) await new Promise(setImmediate);
    const before = [...accepted];
    const { events } = await back('under-load.db');
    writing = false;
    await writer;
    await journal.close();
    expect(accepted.length).toBeGreaterThan(before.length);
    expect(events).toBeGreaterThanOrEqual(before.length + 1);
    const database = new DatabaseSync(at('under-load.db'));
    const found = new Set(
      database
        .prepare('select id from events')
        .all()
        .map(({ id }) => id),
    );
    database.close();
    expect(before.filter((id) => !found.has(id))).toEqual([]);
    expect(found.size).toBe(events);
    expect((await ids('relay.db')).length).toBe(1000);
  });

  it('of a journal that was left with its log by kill -9 holds what is in the log', async () => {
    const { at, back } = await folderWith(1);
    const journal = await openSqliteJournal(at('relay.db'));
    await stored(journal, { key: 'in the log' });
    for (const suffix of ['', '-wal']) writeFileSync(at(`left.db${suffix}`), readFileSync(at(`relay.db${suffix}`)));
    await journal.close();
    expect(await back('of-left.db', { from: 'left.db' })).toMatchObject({ events: 2 });
  });

  it('replaces a file only where that is asked for', async () => {
    const { at, back } = await folderWith(1);
    writeFileSync(at('there'), 'mine');
    await expect(back('there')).rejects.toThrow('exists already. Name another file, or replace it with --force.');
    expect(readFileSync(at('there'), 'utf8')).toBe('mine');
    expect(await back('there', { force: true })).toMatchObject({ events: 1 });
  });
});

/** A reader leaves them: it may not remove them. */
const SIDE_FILES = ['relay.db-shm', 'relay.db-wal', 'relay.db.lock'];

describe('a backup is not written', () => {
  it.each([
    ['into a folder that does not exist', 'no/such/b.db', 'does not exist. Create it: mkdir -p '],
    ['over a folder', 'folder', 'is a folder. Name a file in it: '],
    ['over the journal', 'relay.db', 'belongs to the journal. Name another file.'],
    ['over the journal by another name', 'link-to-journal', 'belongs to the journal. Name another file.'],
    ['over its lock', 'relay.db.lock', 'belongs to the journal. Name another file.'],
    ['through a symbolic link', 'link', 'is not a regular file. Name another one.'],
    ['into a file as if it were a folder', 'backup.db/b.db', 'backup.db is not a folder.'],
  ])('%s', async (_, to, why) => {
    const { at, back, folder } = await folderWith(1);
    mkdirSync(at('folder'));
    symlinkSync(at('backup.db'), at('link'));
    symlinkSync(at('relay.db'), at('link-to-journal'));
    const before = readdirSync(folder);
    await expect(back(to, { force: true })).rejects.toMatchObject({ code: 'backup-target' });
    await expect(back(to, { force: true })).rejects.toThrow(why);
    expect(readdirSync(folder)).toEqual(before);
  });

  it.skipIf(process.getuid?.() === 0)('where this user may not write', async () => {
    const { at, back } = await folderWith(1);
    mkdirSync(at('closed'));
    chmodSync(at('closed'), 0o500);
    await expect(back('closed/b.db')).rejects.toThrow('permission denied');
  });

  it('of what is no journal, or damaged', async () => {
    const { at, back, folder } = await folderWith(200);
    await expect(back('b.db', { from: 'missing.db' })).rejects.toMatchObject({ code: 'no-journal' });
    const other = new DatabaseSync(at('other.db'));
    other.exec('create table t (a)');
    other.close();
    await expect(back('b.db', { from: 'other.db' })).rejects.toMatchObject({ code: 'journal-not-a-journal' });
    const bytes = readFileSync(at('backup.db'));
    bytes.fill(0x41, 20_000, 40_000);
    writeFileSync(at('damaged.db'), bytes);
    await expect(back('b.db', { from: 'damaged.db' })).rejects.toMatchObject({ code: 'journal-damaged' });
    expect(existsSync(at('b.db'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });
});
