import { type Kysely, sql } from 'kysely';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { Handlers } from './handlers.ts';

export function conflictHandlers(db: Kysely<Tables>): Pick<Handlers, 'conflict'> {
  const count = prepare<{ seq: number; at: number }, { conflicts: number }>((hole) =>
    db
      .updateTable('events')
      .set({ conflicts: sql<number>`conflicts + 1`, conflict_at: hole('at') })
      .where('seq', '=', hole('seq'))
      .returning('conflicts'),
  );
  return {
    conflict: {
      writes: true,
      async run(connection, conflict) {
        const [row] = await count.rows(connection, conflict);
        return row?.conflicts ?? null;
      },
    },
  };
}
