import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/journal/migrations.ts';
import { explainSqlite } from '../../src/journal/sqlite/errors.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('opening', () => {
  test('creates the folder and the file for this user alone', async () => {
    const path = join(folder, 'new', 'data', 'relay.db');
    const journal = await openSqliteJournal(path);
    const mode = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);
    expect([await mode(join(folder, 'new', 'data')), await mode(path), await mode(`${path}-wal`)]).toEqual([
      '700',
      '600',
      '600',
    ]);
    await journal.close();
  });

  test('a path below a file', async () => {
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'relay.db');
    await expect(openSqliteJournal(path)).rejects.toMatchObject({ name: 'JournalError', code: 'journal-path', path });
    await expect(openSqliteJournal(path)).rejects.toThrow('Give `journal:` a file in a folder');
  });

  test('a folder', async () => {
    const path = join(folder, 'relay.db');
    await mkdir(path);
    await expect(openSqliteJournal(path)).rejects.toMatchObject({ code: 'journal-path', path });
  });

  test('some other file, which stays as it is', async () => {
    const path = join(folder, 'notes.txt');
    const text = 'remember the milk\n'.repeat(500);
    await writeFile(path, text);
    await expect(openSqliteJournal(path)).rejects.toMatchObject({ code: 'journal-not-a-journal', path });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('a journal of a newer version names both versions and is left alone', async () => {
    const path = join(folder, 'relay.db');
    await (await openSqliteJournal(path)).close();
    const database = new DatabaseSync(path);
    database.exec('insert into schema_version (version, applied_at) values (99, 0)');
    database.close();
    const refused = expect(openSqliteJournal(path)).rejects;
    await refused.toMatchObject({ code: 'journal-newer', path });
    await expect(openSqliteJournal(path)).rejects.toThrow(
      `its version is 99, this program knows versions up to ${MIGRATIONS.length}`,
    );
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be written', async () => {
    const path = join(folder, 'relay.db');
    await (await openSqliteJournal(path)).close();
    await chmod(path, 0o400);
    await expect(openSqliteJournal(path)).rejects.toMatchObject({ code: 'journal-readonly', path });
  });
});

test.each([
  [5, 'journal-locked'],
  [517, 'journal-locked'],
  [8, 'journal-readonly'],
  [1032, 'journal-readonly'],
  [13, 'journal-full'],
  [10, 'journal-failed'],
  [1034, 'journal-failed'],
  [4874, 'journal-failed'], // no room for the memory map: it passes
  [11, 'journal-damaged'],
  [267, 'journal-damaged'],
  [266, 'journal-damaged'],
  [522, 'journal-damaged'],
  [2067, 'journal-refused'],
])('SQLite code %i means %s', (errcode, code) => {
  const error = Object.assign(new Error('the engine said so'), { errcode });
  expect(explainSqlite(error, '/data/relay.db')).toMatchObject({ code, path: '/data/relay.db' });
  expect(explainSqlite(error, '/data/relay.db').message).toMatch(
    /^the journal \/data\/relay\.db .* \(the engine said so\)\. /,
  );
});
