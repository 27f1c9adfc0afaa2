/** Connections to the journal's database. */
import pg from 'pg';
import { type PostgresSettings, tlsOptions } from '../settings.ts';

/** An instance that stands still in the middle of a transaction lets go of what it locked. */
const IDLE_IN_TRANSACTION_MS = 3_000;
const LOCK_MS = 5_000;
const CONNECT_MS = 5_000;
/** By the server; and by us, where nobody answers any more. */
const STATEMENT_MS = 15_000;
const ANSWER_MS = 20_000;

const UNUSED_MS = 60_000;

const INT8 = 20;

/** Numbers of rows and times: all of them are far from where a double gets coarse. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('the database gave a number beyond 2^53');
  return value;
}

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary' ? parseInt8 : pg.types.getTypeParser(oid, format);

/** Without settings of the session: a pooler (PgBouncer) refuses start-up parameters. See `setSession`. */
function clientConfig(settings: PostgresSettings): pg.ClientConfig {
  return {
    connectionString: settings.url.reveal(),
    ssl: tlsOptions(settings.tls),
    types: { getTypeParser },
    application_name: 'alo-relay',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_MS,
  };
}

/**
 * To be awaited before the journal's tables are used. `patient`: for migrations, which wait for one another and take
 * as long as they take.
 */
async function setSession(client: pg.ClientBase, { schema }: PostgresSettings, patient = false): Promise<void> {
  const [lockMs, statementMs] = patient ? [0, 0] : [LOCK_MS, STATEMENT_MS];
  // What is read after a lock was waited for has to be what is there by then: read committed.
  await client.query(
    `set search_path = ${pg.escapeIdentifier(schema)}; set default_transaction_isolation = 'read committed';
    set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
    set lock_timeout = ${lockMs}; set statement_timeout = ${statementMs}`,
  );
}

/** One connection by itself, not made yet, and without `setSession`. Its owner listens to its errors. */
export function createClient(settings: PostgresSettings): pg.Client {
  return new pg.Client({ ...clientConfig(settings), query_timeout: ANSWER_MS });
}

/** As many connections as the settings say. One that breaks is replaced when the next is needed. */
export function createPool(settings: PostgresSettings): pg.Pool {
  const limits = { max: settings.pool, idleTimeoutMillis: UNUSED_MS, query_timeout: ANSWER_MS };
  return guarded(
    new pg.Pool({ ...clientConfig(settings), ...limits, onConnect: (client) => setSession(client, settings) }),
  );
}

/** For migrations. */
export function createPatientPool(settings: PostgresSettings): pg.Pool {
  return guarded(
    new pg.Pool({ ...clientConfig(settings), max: 1, onConnect: (client) => setSession(client, settings, true) }),
  );
}

/** A connection that breaks while nobody asks it anything would end the process: whoever asks next is told. */
function guarded(pool: pg.Pool): pg.Pool {
  const ignore = () => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}
