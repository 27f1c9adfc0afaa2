/** Opens a journal in a Postgres. */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Cluster } from '../cluster.ts';
import { type Journal, journalOver } from '../contract.ts';
import type { OnCommit } from '../database.ts';
import type { PostgresSettings } from '../settings.ts';
import { createClient, createPool } from './connect.ts';
import { ConnectionMonitor } from './connection-monitor.ts';
import { PostgresJournal } from './database.ts';
import { explainPostgres } from './explain.ts';
import { Leases } from './leases.ts';
import { channelOf, createListener } from './listener.ts';
import { checkPostgres, migratePostgres } from './migrate-postgres.ts';
import { createPeers } from './peers.ts';
import { assertOwnSessions } from './pooler.ts';
import { throttledLog } from './throttled-log.ts';

export interface OpenPostgresOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** A command claims no lanes, and does not wait for a database that is away. */
  readonly role: 'service' | 'command';
  readonly onCommit?: OnCommit;
}

/** What is done about lanes, of which the journal itself only knows what is in them. */
interface LaneKeeping {
  readonly cluster: Cluster | null;
  /** As in PostgresParts. */
  readonly instance: string | null;
  close(): Promise<void>;
}

export type KeepLanes = (
  parts: OpenPostgresOptions & { readonly settings: PostgresSettings; readonly pool: Pool },
) => LaneKeeping;

/**
 * Opens the journal in a Postgres, beside others that have it open. One that is away does not keep a service from
 * opening: every call rejects with `journal-unreachable` until it is there.
 * @throws JournalError, with what to do, for what does not go better by waiting; nothing stays open then.
 */
export async function openPostgres(
  settings: PostgresSettings,
  options: OpenPostgresOptions,
  keepLanes: KeepLanes = keepLeases,
): Promise<Journal> {
  const { place, schema } = settings;
  const serves = options.role === 'service';
  const pool = createPool(settings);
  const lanes = keepLanes({ ...options, settings, pool });
  const connectionMonitor = new ConnectionMonitor({
    ...options,
    explain: (error) => explainPostgres(error, place),
    attempt: attemptOf(settings, { pool, serves }),
  });
  const database = new PostgresJournal({
    pool,
    place,
    connectionMonitor,
    instance: lanes.instance,
    channel: channelOf(schema, 'lanes'),
    async release() {
      await lanes.close();
      await pool.end();
    },
    onCommit: options.onCommit,
  });
  try {
    await connectionMonitor.open({ wait: serves });
  } catch (error) {
    await database.close();
    throw error;
  }
  return { ...journalOver(database, lanes.cluster), accept: (event) => database.accept(event) };
}

const keepLeases: KeepLanes = ({ settings, pool, log, clock, role }) => {
  if (role === 'command') return { cluster: null, instance: null, close: () => Promise.resolve() };
  const instance = randomUUID();
  const listener = createListener({ client: () => createClient(settings), clock, log });
  const shared = { pool, listener, instance, clock };
  const channel = (purpose: 'lanes' | 'peers') => channelOf(settings.schema, purpose);
  const claims = new Leases({ ...shared, channel: channel('lanes'), log: throttledLog(log, clock) });
  const peers = createPeers({ ...shared, channel: channel('peers'), log });
  return {
    cluster: { instance, claims, peers },
    instance,
    async close() {
      await claims.stop();
      await listener.close();
    },
  };
};

interface Attempted {
  readonly pool: Pool;
  /** A service brings the schema up to date. */
  readonly serves: boolean;
}

/** Until it has succeeded once, an attempt brings the schema up to date; afterwards it asks for an answer. */
function attemptOf(settings: PostgresSettings, { pool, serves }: Attempted): () => Promise<void> {
  let ready = false;
  return async () => {
    if (ready) return ask(settings);
    await assertOwnSessions(settings);
    if (serves) await migratePostgres(settings);
    else await checkPostgres(settings, pool);
    ready = true;
  };
}

/** By a connection of its own: those of the pool may all be busy. */
async function ask(settings: PostgresSettings): Promise<void> {
  const client = createClient(settings);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}
