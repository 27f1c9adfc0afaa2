import { type Kysely, type SchemaModule, sql } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/** Attempts in doubt, replays, reports, channels by name, and what is needed to find and to prune all of it. */
export async function accounting(db: Kysely<Tables>, columns: Columns, now: number): Promise<void> {
  const { text, number, key } = columns;
  await widenDeliveries(db.schema);
  await sql`update deliveries set attempted_at = updated_at, due_set_at = updated_at`.execute(db);
  await db.schema
    .alterTable('cards')
    .addColumn('used_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update cards set used_at = ${now}`.execute(db);
  await db.schema
    .createTable('channels')
    .addColumn('seq', number, key)
    .addColumn('name', text, (column) => column.notNull().unique())
    .addColumn('id', text, (column) => column.notNull())
    .execute();
  await indexDeliveries(db.schema);
  await db.schema.createIndex('events_by_id').on('events').column('id').execute();
  await db.schema.createIndex('events_received').on('events').column('received_at').execute();
}

/** One statement a column: SQLite takes no more. */
async function widenDeliveries(schema: SchemaModule): Promise<void> {
  for (const name of ['attempted_at', 'doubt_since', 'replayed_as']) {
    await schema.alterTable('deliveries').addColumn(name, 'bigint').execute();
  }
  for (const [name, type] of [
    ['due_set_at', 'bigint'],
    ['looks', 'integer'],
    ['replay', 'integer'],
    ['reported', 'integer'],
  ] as const) {
    await schema
      .alterTable('deliveries')
      .addColumn(name, type, (column) => column.notNull().defaultTo(0))
      .execute();
  }
}

/** The partial ones cost nothing until a delivery is listed. */
async function indexDeliveries(schema: SchemaModule): Promise<void> {
  const listed = sql`('dead', 'parked')`;
  await schema.createIndex('deliveries_of_event').on('deliveries').column('event_seq').execute();
  await schema.createIndex('deliveries_accepted').on('deliveries').column('accepted_at').execute();
  await schema
    .createIndex('deliveries_listed')
    .on('deliveries')
    .column('seq')
    .where(sql.ref('state'), 'in', listed)
    .execute();
  await schema
    .createIndex('deliveries_refused')
    .on('deliveries')
    .columns(['reported', 'lane', 'state', 'reason_code', 'updated_at'])
    .where(sql.ref('state'), 'in', listed)
    .where(sql.ref('replayed_as'), 'is', null)
    .execute();
}
