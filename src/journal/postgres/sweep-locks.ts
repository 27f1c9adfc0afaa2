/** Locks for pruning a database that several instances share. */
import { sql } from 'kysely';
import type { LaneSpan, SweepLocks } from '../operation.ts';
import { statement } from '../statement.ts';

export const SWEEP_LOCKS: SweepLocks = {
  async take(connection) {
    const [row] = await connection.rows(take, null);
    return row?.taken === true;
  },
  async lockLanes(connection, span) {
    await connection.rows(lockLanes, span);
  },
};

const take = statement<null, { taken: boolean }>(
  () => sql`select pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' sweep', 0)) as taken`,
);

const lockLanes = statement<LaneSpan>((param, { db }) =>
  db
    .selectFrom('lanes')
    .select('seq')
    .where('seq', '>', param('after'))
    .where('seq', '<=', param('through'))
    .where('claimed_at', '<', param('before'))
    .orderBy('lane')
    .forUpdate(),
);
