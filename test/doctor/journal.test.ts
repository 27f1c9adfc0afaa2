import { link, mkdtemp, open as openFile, readdir, readFile, rm, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { examineJournal } from '../../src/doctor/journal.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { receipt } from '../journal/samples.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  path = join(folder, 'relay.db');
  const journal = await openSqliteJournal(path);
  for (let n = 1; n <= 40; n++) await journal.accept(receipt({ key: `${n}`, body: Buffer.alloc(3000, `body ${n} `) }));
  await journal.close();
});

afterEach(() => rm(folder, { recursive: true }));

/** Each finding by its code. */
async function examined(inService = false, at = path): Promise<Record<string, string>> {
  const findings = await examineJournal({ path: at, inService, maybeInService: false });
  return Object.fromEntries(
    findings.map(({ code, status, message, remedy = '' }) => [code, `${status}: ${message} ${remedy}`]),
  );
}

/** Overwrites the page that holds the body of an event. */
async function damage(): Promise<void> {
  const at = (await readFile(path)).indexOf('body 20 body');
  expect(at).toBeGreaterThan(0);
  const file = await openFile(path, 'r+');
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, at - (at % 4096));
  await file.close();
}

test('whole pages, and nothing is left behind by looking at them', async () => {
  expect(await examined()).toMatchObject({ 'journal-pages': expect.stringMatching(/^ok: /) });
  expect((await readdir(folder)).toSorted()).toEqual(['relay.db', 'relay.db.lock']);
});

test('whole pages beside a service that writes: what is in its log counts', async () => {
  const journal = await openSqliteJournal(path);
  await journal.accept(receipt({ key: 'new' }));
  expect(await examined(true)).toMatchObject({ 'journal-pages': expect.stringMatching(/^ok: /) });
  expect(await journal.accept(receipt({ key: 'next' }))).toMatchObject({ kind: 'accepted' });
  await journal.close();
});

test.each([false, true])(
  'a damaged page (in service: %s): what to do, and nothing of what is in it',
  async (inService) => {
    await damage();
    const service = inService ? await openSqliteJournal(path) : null;
    const found = await examined(inService);
    await service?.close();
    expect(found['journal-damaged']).toMatch(
      /^problem: The journal .*relay\.db is damaged .*Stop the service.*\.recover/,
    );
    expect(JSON.stringify(found)).not.toContain('body 2');
  },
);

test('one that is too large to be read through in a few seconds', async () => {
  await truncate(path, 1025 * 1024 ** 2);
  expect((await examined())['journal-pages']).toMatch(/^note: .*larger than 1024 MiB\. Run sqlite3 .*quick_check/);
});

test('other names: a symbolic link is the same journal, a hard link is a problem', async () => {
  const other = join(folder, 'link.db');
  await symlink(path, other);
  const journal = await openSqliteJournal(path);
  expect(await examined(false, other)).toHaveProperty('journal-locked');
  await journal.close();
  await link(path, join(folder, 'hard.db'));
  expect((await examined(false, other))['journal-linked']).toMatch(/^problem: .*has a hard link.*find DIR -samefile/);
});
