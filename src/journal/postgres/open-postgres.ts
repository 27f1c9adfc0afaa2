import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { CommitFacts } from '../../core/telemetry.ts';
import type { Cluster } from '../cluster.ts';
import { JournalError, journalError } from '../errors.ts';
import type { PostgresSettings } from '../settings.ts';
import { SqlStore } from '../sql-store.ts';
import type { Argument, Operation, Result, Store } from '../store.ts';
import { createClient, createPool } from './connect.ts';
import { postgresDatabase } from './driver.ts';
import { explainPostgres } from './explain.ts';
import { withKeyTexts } from './key-texts.ts';
import { Leases } from './leases.ts';
import { channelOf, createListener } from './listener.ts';
import { checkPostgres, migratePostgres } from './migrate-postgres.ts';
import { createPeers } from './peers.ts';
import { assertOwnSessions } from './pooler.ts';
import { Reach } from './reach.ts';
import { sharedDatabase } from './shared.ts';
import { throttledLog } from './throttled-log.ts';

export interface OpenPostgresOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** A command claims no lanes, and does not wait for a database that is away. */
  readonly role: 'service' | 'command';
  /** Told of every commit. */
  readonly onCommit?: (facts: CommitFacts) => void;
}

/** What is done about lanes, of which the journal itself only knows what is in them. */
interface LaneKeeping {
  readonly cluster: Cluster | null;
  /** Whose lanes our records are for; null: nobody is asked. */
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
export async function openPostgresStore(
  settings: PostgresSettings,
  options: OpenPostgresOptions,
  keepLanes: KeepLanes = keepLeases,
): Promise<PostgresStore> {
  const store = new PostgresStore(settings, options, keepLanes);
  try {
    await store.open();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
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
    cluster: { claims, peers },
    instance,
    async close() {
      await claims.stop();
      await listener.close();
    },
  };
};

class PostgresStore implements Store {
  /** Never: it comes back. */
  readonly lost = new Promise<never>(() => {});
  readonly cluster: Cluster | null;
  readonly #settings: PostgresSettings;
  readonly #pool: Pool;
  readonly #store: SqlStore;
  readonly #reach: Reach;
  /** A service waits for a database that is away, and brings the schema up to date. */
  readonly #serves: boolean;
  #migrated = false;
  #closing: Promise<void> | null = null;

  constructor(settings: PostgresSettings, options: OpenPostgresOptions, keepLanes: KeepLanes) {
    const { place } = settings;
    const pool = createPool(settings);
    const db = postgresDatabase(pool);
    const lanes = keepLanes({ ...options, settings, pool });
    const explain = (error: unknown) => explainPostgres(error, place);
    const shared = sharedDatabase(db, {
      place,
      instance: lanes.instance,
      channel: channelOf(settings.schema, 'lanes'),
    });
    const release = async () => {
      await lanes.close();
      await pool.end();
    };
    this.#settings = settings;
    this.#pool = pool;
    this.cluster = lanes.cluster;
    this.#store = new SqlStore({ db, path: place, explain, release, shared, onCommit: options.onCommit });
    this.#reach = new Reach({ ...options, explain, attempt: () => this.#attempt() });
    this.#serves = options.role === 'service';
  }

  open(): Promise<void> {
    return this.#reach.open({ wait: this.#serves });
  }

  async call<K extends Operation>(operation: K, argument: Argument<K>): Promise<Result<K>> {
    const { place } = this.#settings;
    if (this.#closing !== null) throw journalError('journal-closed', place);
    if (this.#reach.away !== null) throw this.#reach.away;
    try {
      return await this.#store.call(operation, withKeyTexts(operation, argument));
    } catch (error) {
      if (error instanceof JournalError) this.#reach.suspect(error);
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#reach.close();
    await this.#store.close();
  }

  async #attempt(): Promise<void> {
    if (this.#migrated) return this.#check();
    await assertOwnSessions(this.#settings);
    if (this.#serves) await migratePostgres(this.#settings);
    else await checkPostgres(this.#settings, this.#pool);
    this.#migrated = true;
  }

  /** By a connection of its own: those of the pool may all be busy. */
  async #check(): Promise<void> {
    const client = createClient(this.#settings);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
