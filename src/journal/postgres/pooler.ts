/** Whether a connection has a session of the database to itself, which LISTEN, SET and prepared statements need. */
import type { Client } from 'pg';
import { journalError } from '../errors.ts';
import type { PostgresSettings } from '../settings.ts';
import { createClient } from './connect.ts';

/** `own`: through a pooler that gives each connection a session, as PgBouncer does in session mode. */
export type Sessions = 'direct' | 'own' | 'shared';

/**
 * Changes no setting: in a session that is shared it would meet others. Only a pooler announces a process that is not
 * the one that answers. It shares sessions if two connections are answered by the same process, or one by several; in
 * this order it shows whether the pooler gives out the one that was used last or the one that rested longest.
 */
export async function sessionsOf(client: Client, another: () => Promise<Client>): Promise<Sessions> {
  const first = await processOf(client);
  if ('processID' in client && client.processID === first) return 'direct';
  const other = await another();
  const second = await processOf(other);
  const stable = (await processOf(other)) === second && (await processOf(client)) === first;
  return stable && first !== second ? 'own' : 'shared';
}

async function processOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const [row] = rows;
  if (row === undefined) throw new Error('the database did not say which process answers');
  return row.pid;
}

/** @throws JournalError `journal-pooler` where sessions are shared. */
export async function assertOwnSessions(settings: PostgresSettings): Promise<void> {
  const clients: Client[] = [];
  const connected = async () => {
    const client = createClient(settings);
    clients.push(client);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  try {
    const sessions = await sessionsOf(await connected(), connected);
    if (sessions === 'shared') throw journalError('journal-pooler', settings.place);
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}
