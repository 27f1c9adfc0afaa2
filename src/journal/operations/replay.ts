/** Makes new deliveries for an event that was accepted before, at the end of their lanes. */
import type { PlannedDelivery, ThresholdHit } from '../../core/delivery.ts';
import { NOT_REPLAYED, REPLAYABLE } from '../conditions.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import { type DeliveryRow, deliveryRow, storeDelivery } from './store-delivery.ts';

/** What to send again for one event. */
export interface Replay {
  readonly eventSeq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly deliveries: readonly PlannedDelivery[];
  /** Dead, parked and dismissed deliveries that are replayed by this. */
  readonly replaces: readonly number[];
}

/**
 * Returns one number per delivery. Null, and nothing happens, where one of `replaces` is not dead, parked or dismissed
 * any more (somebody else replayed it), or the event itself is gone. Without deliveries nothing happens either: what is
 * replaced has to become something.
 *
 * Looks at everything before it changes anything: what it refuses shares its transaction with others' changes.
 */
export const replay: Operation<[Replay], readonly number[] | null> = {
  writes: true,
  async run(connection, { eventSeq, at, deliveries, replaces }) {
    const [kept] = await connection.rows(event, { seq: eventSeq });
    if (kept === undefined) return null;
    const replaced: Replaced[] = [];
    for (const seq of replaces) {
      const [row] = await connection.rows(replaceable, { seq });
      if (row === undefined) return null;
      replaced.push(row);
    }
    const rows = deliveries.map((delivery, index) => {
      const hit = hitOf(replaced[index] ?? replaced[0]);
      return deliveryRow(delivery, { eventSeq, at, state: stateOf(delivery), replay: 1, hit });
    });
    const seqs: number[] = [];
    for (const row of rows) seqs.push(await storeDelivery(connection, row));
    for (const [index, seq] of replaces.entries()) {
      const by = seqs[index] ?? seqs[0];
      if (by !== undefined) await connection.changes(replace, { seq, by });
    }
    await connection.enqueue(lanesOf(rows));
    return seqs;
  },
};

function stateOf({ dead, heldUntil }: PlannedDelivery): DeliveryRow['state'] {
  if (dead !== undefined) return 'dead';
  return heldUntil === undefined ? 'pending' : 'held';
}

function lanesOf(rows: readonly DeliveryRow[]): string[] {
  return [...new Set(rows.filter(({ state }) => state === 'pending').map(({ lane }) => lane))];
}

interface Replaced {
  readonly storm_count: number | null;
  readonly storm_since: number | null;
}

/** What was counted is said again. */
function hitOf(replaced: Replaced | undefined): ThresholdHit | null {
  const { storm_count: count = null, storm_since: since = null } = replaced ?? {};
  return count === null || since === null ? null : { count, since };
}

const event = statement<{ seq: number }, { seq: number }>((param, { db }) =>
  db.selectFrom('events').select('seq').where('seq', '=', param('seq')),
);

/** An update that changes nothing: where others share the database, of two who replay the same one waits here. */
const replaceable = statement<{ seq: number }, Replaced>((param, { db }) =>
  db
    .updateTable('deliveries')
    .set({ replayed_as: null })
    .where('seq', '=', param('seq'))
    .where(REPLAYABLE)
    .where(NOT_REPLAYED)
    .returning(['storm_count', 'storm_since']),
);

const replace = statement<{ seq: number; by: number }>((param, { db }) =>
  db
    .updateTable('deliveries')
    .set({ replayed_as: param('by') })
    .where('seq', '=', param('seq')),
);
