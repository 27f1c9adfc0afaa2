import { type Kysely, sql } from 'kysely';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';

/**
 * When each lane can be claimed. On Postgres pg-boss kept that, in a schema of its own, which is dropped. Instances of
 * the version before that still run can accept and claim nothing without it, and record nothing without `owner`.
 * A call to Slack that one of them has begun ends within the time after which its lanes can be claimed.
 */
export async function leases(db: Kysely<Tables>, { dialect }: Columns): Promise<void> {
  await db.schema.alterTable('lanes').addColumn('claimable_at', 'bigint').execute();
  await db.schema
    .createIndex('lanes_claimable')
    .on('lanes')
    .column('claimable_at')
    .where(sql.ref('claimable_at'), 'is not', null)
    .execute();
  if (dialect === 'sqlite') return;
  await sql`
    update lanes set owner = null, claimable_at = case when exists (
        select 1 from deliveries where deliveries.lane = lanes.lane and deliveries.state in ('pending', 'sending'))
      then (extract(epoch from now()) * 1000)::bigint + 10000 end
    where owner is not null`.execute(db);
  // Only what is pg-boss's: on a new journal, a schema of that name is somebody else's.
  await sql`
    do $$ declare own text := current_schema() || '_lanes'; begin
      if to_regclass(format('%I.job', own)) is not null and to_regclass(format('%I.queue', own)) is not null
      then execute format('drop schema %I cascade', own); end if;
    end $$`.execute(db);
}
