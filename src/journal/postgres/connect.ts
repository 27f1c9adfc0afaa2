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

/** `patient`: for migrations, which wait for one another and take as long as they take. */
function clientConfig(settings: PostgresSettings, patient: boolean): pg.ClientConfig {
  const url = new URL(settings.url.reveal());
  const given = url.searchParams.get('options');
  url.searchParams.delete('options');
  const options = [
    ...(given === null ? [] : [given]),
    `-c search_path="${settings.schema}"`,
    // What is read after a lock was waited for has to be what is there by then.
    '-c default_transaction_isolation=read\\ committed',
    ...(patient ? ['-c lock_timeout=0 -c statement_timeout=0'] : []),
  ];
  return {
    connectionString: url.href,
    ssl: tlsOptions(settings.tls),
    types: { getTypeParser },
    application_name: 'alo-relay',
    options: options.join(' '),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(patient ? {} : { lock_timeout: LOCK_MS, statement_timeout: STATEMENT_MS, query_timeout: ANSWER_MS }),
  };
}

/** One connection by itself, not made yet. Its owner listens to its errors. */
export function createClient(settings: PostgresSettings): pg.Client {
  return new pg.Client(clientConfig(settings, false));
}

/** As many connections as the settings say. One that breaks is replaced when the next is needed. */
export function createPool(settings: PostgresSettings): pg.Pool {
  return guarded(new pg.Pool({ ...clientConfig(settings, false), max: settings.pool, idleTimeoutMillis: UNUSED_MS }));
}

/** For migrations. */
export function createPatientPool(settings: PostgresSettings): pg.Pool {
  return guarded(new pg.Pool({ ...clientConfig(settings, true), max: 1 }));
}

/** A connection that breaks while nobody asks it anything would end the process: whoever asks next is told. */
function guarded(pool: pg.Pool): pg.Pool {
  const ignore = () => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}
