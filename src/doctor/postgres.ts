/** Whether a journal in Postgres can be used, without using it: nothing is created, migrated or written. */
import type { Client } from 'pg';
import { z } from 'zod';
import { type Clock, within } from '../core/clock.ts';
import { MIGRATIONS } from '../journal/migrations.ts';
import { type Sessions, sessionsOf } from '../journal/postgres/pooler.ts';
import { type PostgresSettings, tlsOptions } from '../journal/settings.ts';
import { type Finding, note, ok, problem, warning } from './finding.ts';
import { codeOf, connectFinding } from './postgres-faults.ts';

const TIMEOUT_MS = 5_000;
const END_WITHIN_MS = 500;
const OLDEST_VERSION = 14;
const SKEW_WARNING_MS = 2_000;
const SLOW_MS = 50;
const LOOKS_AT_THE_TIME = 3;

export type DoctorClock = Pick<Clock, 'now' | 'monotonic' | 'after'>;

/** Never rejects; takes a few times 5 s at most. The driver is loaded only for this. */
export async function examinePostgres(settings: PostgresSettings, clock: DoctorClock): Promise<Finding[]> {
  const { default: pg } = await import('pg');
  const clients: Client[] = [];
  const connected = async () => {
    const client = new pg.Client({
      connectionString: settings.url.reveal(),
      ssl: tlsOptions(settings.tls),
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      application_name: 'alo-relay doctor',
    });
    clients.push(client);
    // What breaks between two queries is told by the next one.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  let client: Client;
  try {
    client = await connected();
  } catch (error) {
    await Promise.all(clients.map((one) => ended(one, clock)));
    return [connectFinding(error, settings)];
  }
  try {
    const sessions = await sessionsOf(client, connected);
    return [...(await look(client, settings, clock)), ...poolerFinding(sessions, settings)];
  } catch (error) {
    const detail = codeOf(error) ?? 'no answer in time';
    const remedy = 'See the log of the server; a pooler that stands before it may not let everything through.';
    return [problem('journal-failed', `${settings.place} answers, and does not tell how it is (${detail}).`, remedy)];
  } finally {
    await Promise.all(clients.map((one) => ended(one, clock)));
  }
}

function poolerFinding(sessions: Sessions, { place }: PostgresSettings): Finding[] {
  if (sessions === 'direct') return [];
  if (sessions === 'own') return [ok('pooler', 'A pooler is in between, and gives each connection a session.')];
  return [
    problem(
      'journal-pooler',
      `${place} is behind a pooler that shares sessions (PgBouncer in transaction or statement mode).`,
      'Set `pool_mode = session` for this database in pgbouncer.ini, or name Postgres itself in `journal:`.',
    ),
  ];
}

/** Who has fallen silent, or is no Postgres, does not say goodbye, and would keep this process. */
async function ended(client: Client, clock: DoctorClock): Promise<void> {
  await within(
    END_WITHIN_MS,
    clock,
    client.end().catch(() => undefined),
  );
  client.connection.stream.destroy();
}

async function look(client: Client, settings: PostgresSettings, clock: DoctorClock): Promise<Finding[]> {
  const time = await timeOf(client, clock);
  const facts = await readFacts(client, settings.schema);
  const version = facts.versioned && facts.may_use ? await schemaVersion(client, settings.schema) : null;
  return [
    answerFinding(settings, facts, time.roundTripMs),
    encryptionFinding(settings),
    serverFinding(facts),
    schemaFinding(settings, facts, version),
    clockFinding(time),
    connectionsFinding(settings, facts),
  ];
}

interface ServerTime {
  /** Above 0: the server's clock is ahead of this machine's. */
  readonly aheadMs: number;
  readonly roundTripMs: number;
}

/** By the quickest of a few answers: the clock is known as well as half of the way there and back. */
async function timeOf(client: Client, clock: DoctorClock): Promise<ServerTime> {
  let best: ServerTime | null = null;
  for (let looks = 0; looks < LOOKS_AT_THE_TIME; looks++) {
    const [asked, started] = [clock.now(), clock.monotonic()];
    const { rows } = await client.query('select extract(epoch from clock_timestamp())::float8 * 1000 as now');
    const roundTripMs = clock.monotonic() - started;
    const { now } = z.object({ now: z.number() }).parse(rows[0]);
    if (best === null || roundTripMs < best.roundTripMs) {
      best = { aheadMs: now - (asked + roundTripMs / 2), roundTripMs };
    }
  }
  return best ?? { aheadMs: 0, roundTripMs: 0 };
}

const factsRow = z.object({
  user: z.string(),
  version: z.number(),
  read_only: z.boolean(),
  exists: z.boolean(),
  may_use: z.boolean(),
  may_create: z.boolean(),
  versioned: z.boolean(),
  /** Connections that are free, by the limit of the server, of the user and of the database. */
  free: z.number(),
});

type Facts = z.output<typeof factsRow>;

/** Everybody may ask all of it. */
const FACTS = `
with schema as (select oid from pg_namespace where nspname = $1),
  me as (select rolconnlimit as most from pg_roles where rolname = current_user),
  mine as (select count(*)::int as used from pg_stat_activity where usename = current_user),
  here as (select datconnlimit as most from pg_database where datname = current_database()),
  used as (select coalesce(sum(numbackends), 0)::int as everywhere,
    coalesce(sum(numbackends) filter (where datname = current_database()), 0)::int as here from pg_stat_database)
select current_user::text as user,
  current_setting('server_version_num')::int as version,
  pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as read_only,
  exists (select from schema) as exists,
  coalesce((select has_schema_privilege(oid, 'USAGE') from schema), true) as may_use,
  coalesce((select has_schema_privilege(oid, 'CREATE') from schema),
    has_database_privilege(current_database(), 'CREATE')) as may_create,
  exists (select from pg_class where relname = 'schema_version'
    and relnamespace = (select oid from schema)) as versioned,
  least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) - used.everywhere,
    (select case when most < 0 then null else most - mine.used end from me, mine),
    (select case when most < 0 then null else most - used.here end from here)) + 1 as free
from used`;

async function readFacts(client: Client, schema: string): Promise<Facts> {
  const { rows } = await client.query(FACTS, [schema]);
  return factsRow.parse(rows[0]);
}

const versionRow = z.object({ version: z.number(), oldest: z.union([z.null(), z.coerce.number()]).optional() });

type SchemaVersion = z.output<typeof versionRow>;

/** Null where it has none yet, or this user may not read it. */
async function schemaVersion(client: Client, schema: string): Promise<SchemaVersion | null> {
  const newest = `select * from "${schema}".schema_version order by version desc limit 1`;
  const { rows } = await client.query(newest).catch(() => ({ rows: [] }));
  return versionRow.safeParse(rows[0]).data ?? null;
}

function answerFinding({ place }: PostgresSettings, { user }: Facts, roundTripMs: number): Finding {
  const said = `${place} answers ${user} in ${roundTripMs < 1 ? 'less than 1' : Math.round(roundTripMs)} ms`;
  if (roundTripMs <= SLOW_MS) return ok('journal', `${said}.`);
  const remedy = 'Every webhook waits for a few such answers: run the instances near the database.';
  return warning('journal-slow', `${said}, which is slow.`, remedy);
}

const LOCAL = /^postgres:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\]|%2F)/;

function encryptionFinding({ place, tls }: PostgresSettings): Finding {
  const remedy = 'Add sslmode=verify-full to its address (with sslrootcert=FILE for authorities of your own).';
  if (tls === null) {
    return LOCAL.test(place)
      ? ok('encryption', 'The connection is not encrypted; it does not leave this machine.')
      : warning('encryption', 'The connection is not encrypted: whoever is on the way can read and change it.', remedy);
  }
  if (!tls.verify) {
    const what = 'The connection is encrypted, but any server is taken for the right one.';
    return warning('encryption', what, remedy);
  }
  const host = tls.anyHost === true ? ', whatever host it names' : '';
  return ok('encryption', `The connection is encrypted, and the server's certificate verified${host}.`);
}

function serverFinding({ version, read_only }: Facts): Finding {
  const major = Math.floor(version / 10_000);
  if (read_only) {
    const what = 'This server only reads: it is a standby, or set so.';
    return problem('server', what, 'Name the primary in `journal:`.');
  }
  return major < OLDEST_VERSION
    ? warning('server', `It is Postgres ${major}.`, `Postgres ${OLDEST_VERSION} and newer are tested: upgrade it.`)
    : ok('server', `It is Postgres ${major}, and takes changes.`);
}

function schemaFinding({ schema }: PostgresSettings, facts: Facts, found: SchemaVersion | null): Finding {
  const known = MIGRATIONS.length;
  const { user, exists, may_use, may_create, versioned } = facts;
  const grant = `As its owner: GRANT USAGE, CREATE ON SCHEMA ${schema} TO "${user}", and the same for its tables.`;
  if (!exists) {
    const create = `As an administrator: CREATE SCHEMA ${schema} AUTHORIZATION "${user}".`;
    return may_create
      ? note('schema', `The schema ${schema} is not there yet: the service creates it.`)
      : problem('schema', `The schema ${schema} is not there, and this user may not create it.`, create);
  }
  if (!may_use || (versioned && found === null)) {
    return problem('schema', `This user may not read the schema ${schema}.`, grant);
  }
  const version = found?.version ?? 0;
  if (version > known && (found?.oldest ?? version) > known) {
    const what = `The schema ${schema} has version ${version}; this program knows versions up to ${known}.`;
    return problem('schema', what, 'Run the newer alo-relay, or give `journal:` another schema.');
  }
  if (!may_create) {
    const what = `This user may not create tables in the schema ${schema}.`;
    return version < known ? problem('schema', what, grant) : warning('schema', `${what} An upgrade needs it.`, grant);
  }
  if (version > known)
    return note('schema', `The schema ${schema} is newer (${version}); this program goes on with it.`);
  return version === known
    ? ok('schema', `The schema ${schema} has this program's version, ${known}.`)
    : note('schema', `The schema ${schema} has version ${version}: the next start brings it to ${known}.`);
}

function clockFinding({ aheadMs, roundTripMs }: ServerTime): Finding {
  const certainMs = Math.max(0, Math.abs(aheadMs) - roundTripMs / 2);
  if (certainMs <= SKEW_WARNING_MS) return ok('database-clock', "This machine's clock agrees with the database's.");
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const off = `This machine's clock is ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} the database's.`;
  return warning(
    'database-clock',
    off,
    'Let both, and every other instance, keep time by NTP (chrony, systemd-timesyncd).',
  );
}

/** What runs now holds its connections already. */
function connectionsFinding({ pool }: PostgresSettings, { free }: Facts): Finding {
  const more = Math.max(0, Math.floor(free / pool));
  const left = `${Math.max(0, free)} connections are free`;
  const remedy =
    'Raise max_connections (or the limit of the user or database), or lower journal.pool: instances × pool has to fit.';
  return more > 0
    ? ok(
        'connections',
        `${left}: enough for ${more} more ${more === 1 ? 'instance' : 'instances'} of ${pool} (journal.pool).`,
      )
    : warning('connections', `${left}, fewer than one more instance takes (journal.pool: ${pool}).`, remedy);
}
