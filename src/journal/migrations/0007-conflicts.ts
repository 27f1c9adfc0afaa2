import type { Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/** How often an event came again with another body, and when it last did. */
export async function conflicts({ schema }: Kysely<Tables>, _: Columns): Promise<void> {
  await schema
    .alterTable('events')
    .addColumn('conflicts', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('events').addColumn('conflict_at', 'bigint').execute();
}
