import type { Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/** Who replayed and dismissed what. A program of the version before writes none of it. */
export async function audit({ schema }: Kysely<Tables>, { text, number, lastingKey }: Columns): Promise<void> {
  await schema
    .createTable('audit')
    .addColumn('seq', number, lastingKey)
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('role', text, (column) => column.notNull())
    .addColumn('via', text, (column) => column.notNull())
    .addColumn('address', text)
    .addColumn('name', text)
    .addColumn('selection', text, (column) => column.notNull())
    .addColumn('reason', text)
    .addColumn('deliveries', 'integer')
    .execute();
}
