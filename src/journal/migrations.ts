/**
 * The schema's versions, from the first on. Each step runs once, in a transaction of its own together with the row
 * that says so (on Postgres all of them share one); Kysely's Migrator would run them outside of one on SQLite, and a
 * crash in the middle would stay.
 *
 * A program's version is the newest that it knows. While instances are replaced one by one, the older ones work on a
 * schema that is ahead of them: where a step only adds what they can do without, it is `additive`.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { faultPoint } from '../core/fault-point.ts';
import { journalError } from './errors.ts';
import { initial } from './migrations/0001-initial.ts';
import { accounting } from './migrations/0002-accounting.ts';
import { merging } from './migrations/0003-merging.ts';
import { cluster } from './migrations/0004-cluster.ts';
import { inspection } from './migrations/0005-inspection.ts';
import { dismissals } from './migrations/0006-dismissals.ts';
import { conflicts } from './migrations/0007-conflicts.ts';
import { leases } from './migrations/0008-leases.ts';
import { audit } from './migrations/0009-audit.ts';
import { minutes } from './migrations/0010-minutes.ts';
import { type Columns, columnsOf } from './migrations/columns.ts';
import type { Dialect, Tables } from './schema.ts';

export interface Migration {
  /** `now` is in ms since the epoch. */
  run(db: Kysely<Tables>, columns: Columns, now: number): Promise<void>;
  /**
   * The program of the version before can go on working with it: nothing it reads or writes was taken away or means
   * something else, and what it leaves out has a default.
   */
  readonly additive?: true;
}

/** Version n is the nth. Append only: a step that was released never changes. */
export const MIGRATIONS: readonly Migration[] = [
  { run: ({ schema }, columns) => initial(schema, columns) },
  { run: accounting },
  { run: merging },
  { run: cluster },
  { run: inspection, additive: true },
  { run: dismissals, additive: true },
  { run: conflicts, additive: true },
  { run: leases },
  { run: audit, additive: true },
  { run: minutes, additive: true },
];

/** The first version whose `schema_version` knows of `oldest`. */
const SAYS_OLDEST = 4;

export interface MigrateOptions {
  /** As people are told where the journal is. */
  readonly path: string;
  readonly dialect: Dialect;
  readonly transaction: (body: (db: Kysely<Tables>) => Promise<void>) => Promise<void>;
  /** Default: MIGRATIONS. */
  readonly migrations?: readonly Migration[];
}

/**
 * Brings the schema up to this program's version.
 * @throws JournalError `journal-newer` where it is ahead, and this program cannot work with it; nothing is changed then.
 */
export async function migrate(db: Kysely<Tables>, options: MigrateOptions): Promise<void> {
  const { path, dialect, transaction, migrations = MIGRATIONS } = options;
  const columns = columnsOf(dialect);
  const found = await readVersion(db, dialect);
  assertNotNewer(found, { path, known: migrations.length });
  for (const [index, step] of migrations.entries()) {
    const version = index + 1;
    if (version <= found.version) continue;
    await transaction(async (within) => {
      if (version === 1) await createVersions(within);
      const now = Date.now();
      await step.run(within, columns, now);
      const oldest = version < SAYS_OLDEST ? {} : { oldest: oldestFor(version, migrations) };
      await within
        .insertInto('schema_version')
        .values({ version, applied_at: now, ...oldest })
        .execute();
      faultPoint('migrate.before-commit');
    });
  }
}

/**
 * For who only looks in: leaves the schema as it is.
 * @throws JournalError `journal-missing`, `journal-older` or `journal-newer` where this program cannot work with it.
 */
export async function assertCurrent(db: Kysely<Tables>, path: string, dialect: Dialect): Promise<void> {
  const found = await readVersion(db, dialect);
  const known = MIGRATIONS.length;
  if (found.version === 0) throw journalError('journal-missing', path);
  if (found.version < known) {
    throw journalError('journal-older', path, `its version is ${found.version}, this program's ${known}`);
  }
  assertNotNewer(found, { path, known });
}

function assertNotNewer(
  { version, oldest }: Found,
  { path, known }: { readonly path: string; readonly known: number },
): void {
  if (version <= known || oldest <= known) return;
  const detail = `its version is ${version}, this program knows versions up to ${known}`;
  throw journalError('journal-newer', path, detail);
}

interface Found {
  readonly version: number;
  readonly oldest: number;
}

const VERSIONED: Readonly<Record<Dialect, RawBuilder<unknown>>> = {
  sqlite: sql`select 1 from sqlite_master where type = 'table' and name = 'schema_version'`,
  postgres: sql`select 1 where to_regclass('schema_version') is not null`,
};

/** Looked for first: who may not create tables may still use those that are there. */
async function readVersion(db: Kysely<Tables>, dialect: Dialect): Promise<Found> {
  const { rows } = await VERSIONED[dialect].execute(db);
  if (rows.length === 0) return { version: 0, oldest: 0 };
  const newest = await db.selectFrom('schema_version').selectAll().orderBy('version', 'desc').executeTakeFirst();
  return newest === undefined
    ? { version: 0, oldest: 0 }
    : { version: newest.version, oldest: newest.oldest ?? newest.version };
}

async function createVersions({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('schema_version')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
}

/** The oldest program that can work with this version. */
function oldestFor(version: number, migrations: readonly Migration[]): number {
  let oldest = version;
  while (oldest > 1 && migrations[oldest - 1]?.additive === true) oldest -= 1;
  return oldest;
}
