/** Notes that an event came again with another body. */
import { sql } from 'kysely';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

/** How often that happened so far; null where the event is gone. `at`: ms since the epoch. */
export const noteConflict: Operation<[seq: number, at: number], number | null> = {
  writes: true,
  async run(connection, seq, at) {
    const [row] = await connection.rows(count, { seq, at });
    return row?.conflicts ?? null;
  },
};

const count = statement<{ seq: number; at: number }, { conflicts: number }>((param, { db }) =>
  db
    .updateTable('events')
    .set({ conflicts: sql<number>`conflicts + 1`, conflict_at: param('at') })
    .where('seq', '=', param('seq'))
    .returning('conflicts'),
);
