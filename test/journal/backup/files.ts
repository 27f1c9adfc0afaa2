/** Journals and backups in a folder of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { backUp } from '../../../src/journal/backup/backup.ts';
import { restore } from '../../../src/journal/backup/restore.ts';
import { openSqliteJournal } from '../../helpers/sqlite.ts';
import { NOW, stored } from '../samples.ts';

export const RESTORED = { at: NOW + 60_000, lookups: 2, notBefore: NOW + 65_000 };

/** `backup.db` holds `events` events, each with a delivery that was not sent; `relay.db` does, too. */
export async function folderWith(events: number) {
  const folder = await mkdtemp(join(tmpdir(), 'backup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);
  const journal = await openSqliteJournal(at('relay.db'));
  for (let n = 1; n <= events; n++) await stored(journal, { key: `e${n}` });
  await journal.close();
  const settings = (name: string) => ({ kind: 'sqlite', path: at(name) }) as const;
  const back = (to: string, { from = 'relay.db', force = false } = {}) =>
    backUp({ from: settings(from), to: at(to), force });
  await back('backup.db');
  return {
    folder,
    at,
    back,
    restore: (from: string, { to = 'new.db', force = false } = {}) =>
      restore({ from: at(from), to: settings(to), force, restored: RESTORED }),
    ids: async (name: string) => {
      const opened = await openSqliteJournal(at(name));
      const found = await opened.next('#ops', 1000);
      await opened.close();
      return found.map(({ event }) => event.id);
    },
  };
}
