/** The files of a journal while it is open: removed, replaced, linked, damaged, or without room to grow. */
import {
  copyFile,
  link,
  mkdir,
  mkdtemp,
  open as openFile,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal } from '../../src/journal/contract.ts';
import type { SqliteOptions } from '../../src/journal/sqlite/open.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { until } from '../helpers/until.ts';
import { receipt } from './samples.ts';

let folder: string;
let path: string;
let journal: Journal | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'relay.db');
  journal = null;
});

afterEach(async () => {
  await journal?.close();
  await rm(folder, { recursive: true });
});

async function opened(at = path, options: SqliteOptions = {}): Promise<Journal> {
  journal = await openSqliteJournal(at, options);
  return journal;
}

const code = (code: string) => ({ name: 'JournalError', code, outage: true });

describe('while it is open', () => {
  const removed: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    ['is removed with all that belongs to it', 'journal-replaced', () => removeAll()],
    ['is removed alone', 'journal-replaced', () => unlink(path)],
    ['is renamed', 'journal-replaced', () => rename(path, join(folder, 'old.db'))],
    ['is replaced by a copy of itself', 'journal-replaced', () => replace()],
    ['is emptied', 'journal-replaced', () => truncate(path)],
    ['loses its log', 'journal-side-file', () => unlink(`${path}-wal`)],
    ['has its log emptied', 'journal-damaged', () => truncate(`${path}-wal`)],
  ];
  test.each(removed)('the journal %s: no event is acknowledged from the next one on', async (_, expected, change) => {
    const journal = await opened();
    await journal.accept(receipt({ key: 'before' }));
    await change();
    await expect(journal.accept(receipt({ key: 'after' }))).rejects.toMatchObject(code(expected));
    await expect(journal.probe()).rejects.toMatchObject(code(expected));
    await expect(journal.savePerson('a@example.com', 'U1', 1)).rejects.toMatchObject(code(expected));
    expect(await journal.events({ limit: 5 })).toHaveLength(2);
  });

  test('a log that was cut short in its middle takes no further commit', async () => {
    const journal = await opened();
    for (let n = 0; n < 5; n++) await journal.accept(receipt({ key: `${n}` }));
    await truncate(`${path}-wal`, 9_000);
    await expect(journal.accept(receipt({ key: 'a' }))).rejects.toThrow('relay.db-wal was cut short');
    await expect(journal.probe()).rejects.toMatchObject(code('journal-damaged'));
  });

  test('a log that another process saved and emptied is no loss', async () => {
    const journal = await opened();
    await journal.accept(receipt({ key: 'a' }));
    const other = new DatabaseSync(path);
    expect({ ...other.prepare('pragma wal_checkpoint(truncate)').get() }).toMatchObject({ busy: 0 });
    other.close();
    expect(await journal.accept(receipt({ key: 'b' }))).toMatchObject({ kind: 'accepted' });
    await journal.probe();
  });

  const beside = [
    ['its memory map', '-shm', () => unlink(`${path}-shm`)],
    ['its lock', '.lock', () => unlink(`${path}.lock`)],
    ['its log, for another', '-wal', () => replace(`${path}-wal`)],
  ] as const;
  test.each(beside)(
    'the journal loses %s: the probe says so, and so does every change after it',
    async (_, end, change) => {
      const journal = await opened();
      await change();
      await expect(journal.probe()).rejects.toThrow(`relay.db${end} `);
      await expect(journal.accept(receipt({ key: 'a' }))).rejects.toMatchObject(code('journal-side-file'));
    },
  );

  test('commits notice without a probe that the lock is gone: another service may have started', async () => {
    const journal = await opened();
    await unlink(`${path}.lock`);
    const refused = () =>
      journal.accept(receipt({ key: `${Math.random()}` })).then(
        () => false,
        (error: unknown) => error,
      );
    expect(await until(refused)).toMatchObject(code('journal-side-file'));
  });

  test('a log that was removed is saved by closing, and the journal opens with all of it', async () => {
    const journal = await opened();
    await journal.accept(receipt({ key: 'a' }));
    await unlink(`${path}-wal`);
    await expect(journal.accept(receipt({ key: 'b' }))).rejects.toThrow('Restart the service with SIGTERM');
    await journal.close();
    const again = await opened();
    expect(await again.accept(receipt({ key: 'a' }))).toEqual({ kind: 'duplicate' });
    expect(await again.accept(receipt({ key: 'c' }))).toMatchObject({ kind: 'accepted' });
  });

  test('a file put in its place, with a log of its own, is left alone', async () => {
    const journal = await opened();
    await journal.accept(receipt({ key: 'a' }));
    await removeAll();
    const other = await openSqliteJournal(path);
    await other.accept(receipt({ key: 'b' }));
    await journal.close();
    await other.accept(receipt({ key: 'c' }));
    await other.close();
    const found = await opened();
    expect(await found.tally()).toMatchObject({ pending: 2 });
  });

  test('a second hard link turns the probe red until it is gone, and no event is refused', async () => {
    const journal = await opened();
    await link(path, join(folder, 'snapshot.db'));
    await expect(journal.probe()).rejects.toMatchObject({ code: 'journal-linked' });
    expect(await journal.accept(receipt({ key: 'a' }))).toMatchObject({ kind: 'accepted' });
    await unlink(join(folder, 'snapshot.db'));
    await journal.probe();
  });

  test('a symbolic link that leads elsewhere from now on', async () => {
    await mkdir(join(folder, 'one'));
    await mkdir(join(folder, 'two'));
    await symlink('one', join(folder, 'data'));
    const journal = await opened(join(folder, 'data', 'relay.db'));
    await journal.accept(receipt({ key: 'a' }));
    await copyFile(join(folder, 'one', 'relay.db'), join(folder, 'two', 'relay.db'));
    await unlink(join(folder, 'data'));
    await symlink('two', join(folder, 'data'));
    await expect(journal.accept(receipt({ key: 'b' }))).rejects.toMatchObject(code('journal-replaced'));
  });
});

describe('by another name', () => {
  const names: readonly (readonly [string, () => Promise<string>])[] = [
    ['a symbolic link', () => linked(symlink, path, 'link.db')],
    ['a symbolic link to its folder', async () => join(await linked(symlink, folder, 'folder'), 'relay.db')],
    ['a chain of links', async () => linked(symlink, await linked(symlink, path, 'link.db'), 'second.db')],
  ];
  test.each(names)('%s: only one service has it', async (_, name) => {
    const journal = await opened();
    const other = await name();
    await expect(openSqliteJournal(other)).rejects.toMatchObject({ code: 'journal-locked', path: other });
    await journal.accept(receipt({ key: 'a' }));
    await journal.close();
    expect(await (await opened(other)).tally()).toMatchObject({ pending: 1 });
    await expect(openSqliteJournal(path)).rejects.toMatchObject({ code: 'journal-locked', path });
  });

  test('a hard link: neither name is opened before one of them is gone', async () => {
    await (await openSqliteJournal(path)).close();
    const other = await linked(link, path, 'hard.db');
    for (const name of [path, other]) {
      await expect(openSqliteJournal(name)).rejects.toMatchObject({ code: 'journal-linked', path: name });
    }
    await expect(openSqliteJournal(path)).rejects.toThrow('find DIR -samefile FILE');
    await unlink(other);
    await opened();
  });
});

describe('damage', () => {
  test('found while it runs: no more events and a red probe, and what can be read is still delivered', async () => {
    const written = await openSqliteJournal(path);
    for (let n = 1; n <= 40; n++)
      await written.accept(receipt({ key: `${n}`, body: Buffer.alloc(3000, `body ${n} `) }));
    await written.close();
    await damage('body 20 body');
    const journal = await opened();
    await journal.probe();
    await expect(journal.events({ limit: 100 })).rejects.toMatchObject(code('journal-damaged'));
    await expect(journal.probe()).rejects.toThrow(/is damaged .* Stop the service.*\.recover.*alo-relay doctor/);
    await expect(journal.accept(receipt({ key: 'new' }))).rejects.toMatchObject(code('journal-damaged'));
    const [delivery] = await journal.next('#ops', 1);
    await journal.markSending([delivery?.seq ?? 0], 0);
  });
});

describe('room', () => {
  test('the probe asks for as much as an event takes once one was refused, and gives it back', async () => {
    const journal = await opened(path, { maxPages: 80 });
    const body = Buffer.alloc(60_000, 'x');
    const fill = async () => {
      for (let n = 0; n < 20; n++) await journal.accept(receipt({ key: `${n}`, body }));
    };
    await expect(fill()).rejects.toMatchObject(code('journal-full'));
    await expect(journal.probe(60_000)).rejects.toMatchObject(code('journal-full'));
    await journal.probe(0);
    expect(await journal.accept(receipt({ key: 'small' }))).toMatchObject({ kind: 'accepted' });
    await whileOpen((other) => other.exec('delete from deliveries; delete from events'));
    for (let n = 0; n < 20; n++) await journal.probe(60_000);
    expect(await journal.accept(receipt({ key: 'room', body }))).toMatchObject({ kind: 'accepted' });
  });
});

async function removeAll(): Promise<void> {
  for (const end of ['', '-wal', '-shm', '.lock']) await unlink(`${path}${end}`);
}

async function replace(file = path): Promise<void> {
  await copyFile(file, join(folder, 'copy'));
  await rename(join(folder, 'copy'), file);
}

async function linked(make: typeof link, target: string, name: string): Promise<string> {
  await make(target, join(folder, name));
  return join(folder, name);
}

/** Overwrites the page that holds these bytes. */
async function damage(marker: string): Promise<void> {
  const at = (await readFile(path)).indexOf(marker);
  if (at < 0) throw new Error(`nothing in the file says ${marker}`);
  const file = await openFile(path, 'r+');
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, at - (at % 4096));
  await file.close();
}

async function whileOpen(use: (database: DatabaseSync) => void): Promise<void> {
  const database = new DatabaseSync(path);
  use(database);
  database.close();
}
