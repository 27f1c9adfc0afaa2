import type { Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/** Who dismissed a delivery, and why. A program of the version before leaves dismissed deliveries as they are. */
export async function dismissals({ schema }: Kysely<Tables>, { text }: Columns): Promise<void> {
  for (const name of ['dismissed_by', 'dismissal'])
    await schema.alterTable('deliveries').addColumn(name, text).execute();
}
