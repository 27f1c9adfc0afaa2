import type { Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/** Who runs which lane, what was found out about people, and which programs can work with a newer schema. */
export async function cluster({ schema }: Kysely<Tables>, { text, number, key }: Columns): Promise<void> {
  await schema
    .createTable('lanes')
    .addColumn('seq', number, key)
    .addColumn('lane', text, (column) => column.notNull().unique())
    .addColumn('owner', text)
    .addColumn('paced_until', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('claimed_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('people')
    .addColumn('seq', number, key)
    .addColumn('email', text, (column) => column.notNull().unique())
    .addColumn('user_id', text)
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute();
  await schema.alterTable('schema_version').addColumn('oldest', 'bigint').execute();
}
