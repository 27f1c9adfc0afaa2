/** What happened in each minute: counted from the rows, and, where it leaves no row, as each instance counted it. */
import { sql } from 'kysely';
import type { DeliveryState } from '../../core/delivery.ts';
import { ENDED_IN } from '../conditions.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

/** Times are ms since the epoch: where a minute begins. */
export interface Minutes {
  /** Events by source, the relay's own included. */
  readonly accepted: readonly { readonly at: number; readonly source: string; readonly count: number }[];
  /** Deliveries by the minute in which they ended and the state that they have now. */
  readonly ended: readonly { readonly at: number; readonly state: DeliveryState; readonly count: number }[];
  /** What `countMinutes` was given, for each instance. */
  readonly counted: readonly { readonly at: number; readonly counted: string }[];
}

/** From `since` on, ms since the epoch. */
export const minutes: Operation<[since: number], Minutes> = {
  writes: false,
  long: true,
  async run(connection, since) {
    return {
      accepted: await connection.rows(accepted, { since }),
      ended: await connection.rows(ended, { since }),
      counted: await connection.rows(counted, { since }),
    };
  },
};

export interface CountedMinute {
  /** ms since the epoch: where it begins. */
  readonly at: number;
  /** Unique among all processes that ever wrote to this journal. */
  readonly instance: string;
  /** JSON. */
  readonly counted: string;
}

/** Takes the place of what the instance counted in that minute before. */
export const countMinutes: Operation<CountedMinute[], void> = {
  writes: true,
  async run(connection, ...given) {
    for (const minute of given) await connection.changes(count, minute);
  },
};

const accepted = statement<{ since: number }, Minutes['accepted'][number]>(
  (param) => sql`
    select received_at / 60000 * 60000 as at, source, count(*) as count from events
    where received_at >= ${param('since')} group by 1, 2`,
);

const ended = statement<{ since: number }, Minutes['ended'][number]>(
  (param) => sql`
    select updated_at / 60000 * 60000 as at, state, count(*) as count from deliveries
    where updated_at >= ${param('since')} and ${ENDED_IN} group by 1, 2`,
);

const counted = statement<{ since: number }, Minutes['counted'][number]>((param, { db }) =>
  db.selectFrom('minutes').select(['at', 'counted']).where('at', '>=', param('since')),
);

const count = statement<CountedMinute>((param, { db }) =>
  db
    .insertInto('minutes')
    .values({ at: param('at'), instance: param('instance'), counted: param('counted') })
    .onConflict((conflict) =>
      conflict.columns(['at', 'instance']).doUpdateSet((row) => ({ counted: row.ref('excluded.counted') })),
    ),
);
