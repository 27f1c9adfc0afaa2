/** When events of each source came in, to the minute. */
import { sql } from 'kysely';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

export interface Arrivals {
  readonly source: string;
  /** Minutes since the epoch in which at least one event came in, in order. */
  readonly minutes: readonly number[];
  /** ms since the epoch: the last one. */
  readonly lastAt: number;
}

/** From `since` on, ms since the epoch. */
export const arrivals: Operation<[since: number], Arrivals[]> = {
  writes: false,
  long: true,
  async run(connection, since) {
    const found = new Map<string, { source: string; minutes: number[]; lastAt: number }>();
    for (const { source, minute, last } of await connection.rows(bySource, { since })) {
      const known = found.get(source) ?? { source, minutes: [], lastAt: 0 };
      found.set(source, known);
      known.minutes.push(minute);
      known.lastAt = Math.max(known.lastAt, last);
    }
    return [...found.values()];
  },
};

const bySource = statement<{ since: number }, { source: string; minute: number; last: number }>(
  (param) => sql`
    select source, received_at / 60000 as minute, max(received_at) as last from events
    where received_at >= ${param('since')} group by 1, 2 order by 2`,
);
