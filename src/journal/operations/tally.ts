/** Counts deliveries by state. */
import type { DeliveryState } from '../../core/delivery.ts';
import { NOT_REPLAYED } from '../conditions.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

/** Deliveries by state, those that a replay replaced left out. */
export type Tally = Readonly<Record<DeliveryState, number>>;

export const tally: Operation<[], Tally> = {
  writes: false,
  long: true,
  async run(connection) {
    const counts = new Map((await connection.rows(byState, null)).map(({ state, count }) => [state, count]));
    const of = (state: DeliveryState) => counts.get(state) ?? 0;
    return {
      held: of('held'),
      pending: of('pending'),
      sending: of('sending'),
      sent: of('sent'),
      merged: of('merged'),
      superseded: of('superseded'),
      dead: of('dead'),
      parked: of('parked'),
      dismissed: of('dismissed'),
    };
  },
};

const byState = statement<null, { state: DeliveryState; count: number }>((_, { db }) =>
  db
    .selectFrom('deliveries')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where(NOT_REPLAYED)
    .groupBy('state'),
);
