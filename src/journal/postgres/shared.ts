/** What the operations do otherwise on a database that several instances share. */
import { type Kysely, sql } from 'kysely';
import { journalError } from '../errors.ts';
import { FIND_IN_POSTGRES } from '../operations/find-text.ts';
import type { SweepLocks } from '../operations/prune.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { SharedDatabase } from '../sql-store.ts';
import { acceptManyWith } from './accept-many.ts';
import { enqueueWith } from './enqueue.ts';
import { inTheWay } from './explain.ts';
import { fenceWith } from './fence.ts';

export interface SharedOptions {
  readonly place: string;
  /** Where it is announced that lanes can be claimed. */
  readonly channel: string;
  /** Null: one that claims no lanes, such as a command. */
  readonly instance: string | null;
}

export function sharedDatabase(db: Kysely<Tables>, { place, instance, channel }: SharedOptions): SharedDatabase {
  const lost: SharedDatabase['lost'] =
    instance === null ? async (_, touched) => touched.map(() => false) : fenceWith(db, instance);
  const enqueue = enqueueWith(db, channel);
  return {
    hooks: { enqueue, sweepLocks: sweepLocks(db), findText: FIND_IN_POSTGRES, room: null },
    lost,
    inTheWay,
    acceptMany: acceptManyWith(db, async (connection, { unfinished, sending }) => {
      // What is sent from memory is not looked at again: the lane has to be ours until it is stored.
      const touched = sending.map((lane) => ({ lane }));
      if (touched.length > 0 && (await lost(connection, touched)).includes(true))
        throw journalError('lane-lost', place);
      await enqueue(connection, unfinished);
    }),
  };
}

function sweepLocks(db: Kysely<Tables>): SweepLocks {
  const take = prepare<null, { taken: boolean }>(() => ({
    compile: () =>
      sql<{ taken: boolean }>`
        select pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' sweep', 0)) as taken`.compile(db),
  }));
  const lockLanes = prepare<Parameters<SweepLocks['lockLanes']>[1]>((hole) =>
    db
      .selectFrom('lanes')
      .select('seq')
      .where('seq', '>', hole('after'))
      .where('seq', '<=', hole('through'))
      .where('claimed_at', '<', hole('before'))
      .orderBy('lane')
      .forUpdate(),
  );
  return {
    async take(connection) {
      const [row] = await take.rows(connection, null);
      return row?.taken === true;
    },
    async lockLanes(connection, span) {
      await lockLanes.rows(connection, span);
    },
  };
}
