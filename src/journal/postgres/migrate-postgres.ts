import { type Kysely, sql } from 'kysely';
import type { Pool } from 'pg';
import { journalError } from '../errors.ts';
import { assertCurrent, migrate } from '../migrations.ts';
import type { Tables } from '../schema.ts';
import type { PostgresSettings } from '../settings.ts';
import { createPatientPool } from './connect.ts';
import { kyselyOf } from './driver.ts';

/**
 * Makes the schema where it is missing, and brings it up to this program's version: all of it or nothing, in one
 * transaction. Of several instances that start at once one does it, and the others wait for it.
 */
export async function migratePostgres(settings: PostgresSettings): Promise<void> {
  const { schema, place } = settings;
  const pool = createPatientPool(settings);
  const db = kyselyOf(pool);
  try {
    await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`alo-relay migrates ${schema}`}, 0))`.execute(
        transaction,
      );
      const { rows } = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(transaction);
      // Who may not create schemas may still use one that is there.
      if (rows.length === 0) await transaction.schema.createSchema(schema).execute();
      await refuseCutOffMove(transaction, place);
      await migrate(transaction, { path: place, dialect: 'postgres', transaction: (body) => body(transaction) });
    });
  } finally {
    await db.destroy();
    await pool.end();
  }
}

/** For who only looks in, beside instances that may be of another version. */
export async function checkPostgres({ place }: PostgresSettings, pool: Pool): Promise<void> {
  const db = kyselyOf(pool);
  await refuseCutOffMove(db, place);
  await assertCurrent(db, place, 'postgres');
}

/** Version 0.1 moved journals in several transactions, and gave this name to a table until it was done. */
async function refuseCutOffMove(db: Kysely<Tables>, place: string): Promise<void> {
  const { rows } = await sql`select 1 where to_regclass('moving_events') is not null`.execute(db);
  if (rows.length > 0) throw journalError('journal-moving', place);
}
