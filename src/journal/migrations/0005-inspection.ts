import type { Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/**
 * What is kept for whoever looks: attempts that did not end a delivery at once, how an event was received, and its trace.
 * No foreign key: a program of the version before prunes deliveries without knowing that there are attempts.
 */
export async function inspection({ schema }: Kysely<Tables>, { text, number, key }: Columns): Promise<void> {
  await schema
    .createTable('attempts')
    .addColumn('seq', number, key)
    .addColumn('delivery_seq', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('ms', 'integer')
    .addColumn('outcome', text, (column) => column.notNull())
    .addColumn('code', text)
    .addColumn('detail', text)
    .execute();
  await schema.createIndex('attempts_of_delivery').on('attempts').columns(['delivery_seq', 'seq']).execute();
  for (const name of ['receipt', 'trace']) await schema.alterTable('events').addColumn(name, text).execute();
}
