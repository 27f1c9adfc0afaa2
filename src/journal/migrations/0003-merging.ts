import { type Kysely, sql } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/** What goes out together, what quiet hours hold back, and what thresholds count. */
export async function merging({ schema }: Kysely<Tables>, { text, number, key }: Columns): Promise<void> {
  for (const [name, type] of [
    ['group_seq', 'bigint'],
    ['storm_count', 'integer'],
    ['storm_since', 'bigint'],
  ] as const) {
    await schema.alterTable('deliveries').addColumn(name, type).execute();
  }
  await schema
    .alterTable('deliveries')
    .addColumn('released', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema
    .createIndex('deliveries_held')
    .on('deliveries')
    .column('due_at')
    .where(sql.ref('state'), '=', sql`'held'`)
    .execute();
  await schema
    .createTable('occurrences')
    .addColumn('seq', number, key)
    .addColumn('route_key', text, (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('event_seq', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('occurrences_of_key').on('occurrences').columns(['route_key', 'at']).execute();
  await schema
    .createTable('thresholds')
    .addColumn('seq', number, key)
    .addColumn('route_key', text, (column) => column.notNull().unique())
    .addColumn('over_at', 'bigint', (column) => column.notNull())
    .execute();
}
