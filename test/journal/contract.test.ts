import { createHash } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { openJournal } from '../../src/journal/open.ts';
import { type KeepLanes, openPostgres } from '../../src/journal/postgres/open.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { journalContract } from './contract.ts';
import { COMMAND, postgresSettings } from './drivers.ts';

let postgres: TestPostgres;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.newDatabase();
});

afterAll(() => postgres.stop());

journalContract('SQLite', (path) => openJournal({ kind: 'sqlite', path }, COMMAND));
journalContract('SQLite that a thread reads', (path) => openSqliteJournal(path, { smallBytes: 0 }));
journalContract('Postgres', async (path) => {
  const schema = `j${createHash('sha256').update(path).digest('hex').slice(0, 20)}`;
  // A command would not make the journal, and a service would ask whose lane it is.
  return openPostgres(postgresSettings(url, { schema }), { ...COMMAND, role: 'service' }, () => NOBODY);
});

const NOBODY: ReturnType<KeepLanes> = {
  cluster: null,
  instance: null,
  close: () => Promise.resolve(),
};
