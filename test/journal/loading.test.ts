import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const OPEN = new URL('../../src/journal/open.ts', import.meta.url).href;
const SETTINGS = new URL('./drivers.ts', import.meta.url).href;

/** Opens a journal, and says which modules of the database's drivers were loaded for it. */
const PROGRAM = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      if (/node_modules\\/(pg|pg-pool)\\/|journal\\/postgres\\//.test(url)) loaded.push(url);
      return next(url, context);
    },
  });
  const { openJournal } = await import(${JSON.stringify(OPEN)});
  const { COMMAND, postgresSettings } = await import(${JSON.stringify(SETTINGS)});
  const [kind, place] = process.argv.slice(1);
  const settings = kind === 'sqlite' ? { kind, path: place } : postgresSettings(place);
  const journal = await openJournal(settings, COMMAND).catch(() => null);
  await journal?.close();
  process.stdout.write(String(loaded.length));
`;

async function loadedFor(kind: string, place: string): Promise<number> {
  const args = ['--input-type=module', '--eval', PROGRAM, kind, place];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

test('who has a file loads no driver of a database', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  expect(await loadedFor('sqlite', join(folder, 'relay.db'))).toBe(0);
  // Nobody listens there, but to find that out takes the driver.
  expect(await loadedFor('postgres', 'postgres://user@127.0.0.1:1/relay')).toBeGreaterThan(10);
  await rm(folder, { recursive: true });
});
