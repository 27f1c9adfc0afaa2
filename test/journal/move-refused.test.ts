import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { MIGRATIONS } from '../../src/journal/migrations.ts';
import { openJournal } from '../../src/journal/open.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { COMMAND } from './drivers.ts';
import { moves } from './moves.ts';
import { stored } from './samples.ts';

const { fill, folder, move, openTarget, path, sql, to } = moves();

describe('a source that cannot be moved', () => {
  const schemas = () => sql(`select 1 from pg_namespace where nspname = '${to().schema}'`);

  afterEach(async () => {
    expect(await schemas()).toEqual([]);
  });

  test('because it is not there', async () => {
    await expect(move()).rejects.toMatchObject({ code: 'no-journal' });
    await expect(stat(path())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('because a service has it open', async () => {
    const service = await openJournal({ kind: 'sqlite', path: path() }, COMMAND);
    await expect(move()).rejects.toMatchObject({ code: 'journal-locked', path: path() });
    await expect(move()).rejects.toThrow('Stop the service (SIGTERM lets it finish), and try again.');
    await service.close();
  });

  test('because it is some other file, or some other database', async () => {
    await writeFile(path(), 'remember the milk\n'.repeat(500));
    await expect(move()).rejects.toMatchObject({ code: 'journal-not-a-journal', path: path() });
    const other = join(folder(), 'other.db');
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
    await (await openSqliteJournal(path())).close();
    const database = new DatabaseSync(path());
    database.exec(`insert into schema_version values (${MIGRATIONS.length + 1}, 0, 1)`);
    database.close();
    await expect(move()).rejects.toMatchObject({ code: 'journal-newer', path: path() });
  });
});

test('a target that was used is refused, with what is in it', async () => {
  await fill();
  const journal = await openTarget();
  await stored(journal, { key: 'theirs' });
  await expect(move()).rejects.toMatchObject({ code: 'journal-not-empty', path: to().place });
  await expect(move()).rejects.toThrow('(seen: 1, events: 1, deliveries: 1, lanes: 1)');
  expect(await stored(journal, { key: 'more' })).toEqual([2, 2]);
  await journal.close();
});

test('a move that was done is not done again', async () => {
  await fill();
  await move();
  await expect(move()).rejects.toMatchObject({ code: 'journal-not-empty' });
});

test('a schema in which version 0.1 did not finish a move is refused, with what to do', async () => {
  await fill();
  await (await openTarget()).close();
  await sql('alter table events rename to moving_events');
  for (const open of [move, openTarget, () => openJournal(to(), COMMAND)]) {
    await expect(open()).rejects.toMatchObject({
      code: 'journal-moving',
      message: expect.stringContaining('`drop schema NAME cascade`'),
    });
  }
});

test('a password is in no error', async () => {
  await fill();
  const wrong = new Secret(
    to()
      .url.reveal()
      .replace(/:[^:@]*@/, ':hunter2@'),
  );
  for (const url of [wrong, new Secret('postgres://relay:hunter2@127.0.0.1:1/relay')]) {
    const error: unknown = await move({ to: { ...to(), url } }).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'JournalError' });
    expect(inspect(error)).not.toContain('hunter2');
  }
});
