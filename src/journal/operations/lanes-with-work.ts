/** Lists every lane with an unfinished delivery. */
import { UNFINISHED } from '../conditions.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

export const lanesWithWork: Operation<[], string[]> = {
  writes: false,
  async run(connection) {
    const rows = await connection.rows(lanes, null);
    return rows.map(({ lane }) => lane);
  },
};

const lanes = statement<null, { lane: string }>((_, { db }) =>
  db.selectFrom('deliveries').select('lane').distinct().where(UNFINISHED).orderBy('lane'),
);
