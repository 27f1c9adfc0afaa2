import { createHash } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { openJournal, openJournalInProcess } from '../../src/journal/open.ts';
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
journalContract('Postgres', (path) => {
  const schema = `j${createHash('sha256').update(path).digest('hex').slice(0, 20)}`;
  return openJournal(postgresSettings(url, { schema }), COMMAND);
});
