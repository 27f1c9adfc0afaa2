/**
 * The schema's versions, from the first on. Each step runs once, in a transaction of its own together with the row
 * that says so; Kysely's Migrator would run them outside of one on SQLite, and a crash in the middle would stay.
 */
import type { Kysely } from 'kysely';
import { faultPoint } from '../core/fault-point.ts';
import { journalError } from './errors.ts';
import { initial } from './migrations/0001-initial.ts';
import { accounting } from './migrations/0002-accounting.ts';
import { merging } from './migrations/0003-merging.ts';
import type { Tables } from './schema.ts';

/** `now` is in ms since the epoch. */
type Migration = (db: Kysely<Tables>, now: number) => Promise<void>;

/** Version n is the nth. Append only: a step that was released never changes. */
const MIGRATIONS: readonly Migration[] = [({ schema }) => initial(schema), accounting, merging];

/**
 * Brings the schema up to this program's version.
 * @throws JournalError `journal-newer` where it is ahead of this program; nothing is changed then.
 */
export async function migrate(db: Kysely<Tables>, path: string): Promise<void> {
  await db.schema
    .createTable('schema_version')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const newest = await db.selectFrom('schema_version').select('version').orderBy('version', 'desc').executeTakeFirst();
  const found = newest?.version ?? 0;
  if (found > MIGRATIONS.length) {
    const detail = `its version is ${found}, this program knows versions up to ${MIGRATIONS.length}`;
    throw journalError('journal-newer', path, detail);
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index >= found) await apply(db, index + 1, step);
  }
}

async function apply(db: Kysely<Tables>, version: number, step: Migration): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const now = Date.now();
    await step(transaction, now);
    await transaction.insertInto('schema_version').values({ version, applied_at: now }).execute();
    faultPoint('migrate.before-commit');
  });
}
