import { type Kysely, sql } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/**
 * What charts count. Events and endings are counted from the rows themselves, each by one index: events by one that
 * takes the place of another, so that accepting costs no more; endings by one that gets a row when a delivery ends.
 * `minutes` has what leaves no row, counted per instance.
 */
export async function minutes({ schema }: Kysely<Tables>, { text, number, key }: Columns): Promise<void> {
  await schema.dropIndex('events_received').execute();
  await schema.createIndex('events_received').on('events').columns(['received_at', 'source']).execute();
  await schema
    .createIndex('deliveries_ended')
    .on('deliveries')
    .columns(['updated_at', 'state'])
    .where(sql.ref('state'), 'in', sql`('sent', 'merged', 'dead', 'parked')`)
    .execute();
  await schema
    .createTable('minutes')
    .addColumn('seq', number, key)
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('instance', text, (column) => column.notNull())
    .addColumn('counted', text, (column) => column.notNull())
    .addUniqueConstraint('minutes_of_instance', ['at', 'instance'])
    .execute();
}
