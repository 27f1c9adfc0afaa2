import { createHash } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { openJournalInProcess } from '../../src/journal/open.ts';
import { type KeepLanes, openPostgresStore } from '../../src/journal/postgres/open-postgres.ts';
import { StoreJournal } from '../../src/journal/store-journal.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { journalContract } from './contract.ts';
import { COMMAND, openInThread, postgresSettings } from './drivers.ts';

let postgres: TestPostgres;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.newDatabase();
});

afterAll(() => postgres.stop());

journalContract('SQLite in its own thread', (path) => openInThread(path));
journalContract('SQLite in process', (path) => openJournalInProcess(path));
journalContract('Postgres', async (path) => {
  const schema = `j${createHash('sha256').update(path).digest('hex').slice(0, 20)}`;
  // A command would not make the journal, and a service would ask whose lane it is.
  const store = await openPostgresStore(
    postgresSettings(url, { schema }),
    { ...COMMAND, role: 'service' },
    () => NOBODY,
  );
  return new StoreJournal(store);
});

const NOBODY: ReturnType<KeepLanes> = {
  cluster: null,
  instance: null,
  close: () => Promise.resolve(),
};
