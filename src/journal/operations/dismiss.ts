/** Dismisses dead and parked deliveries at an operator's word. */
import type { Dismissal } from '../../core/delivery.ts';
import { LISTED, NOT_REPLAYED } from '../conditions.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

export interface DismissRequest extends Dismissal {
  readonly seqs: readonly number[];
  /** ms since the epoch. */
  readonly at: number;
}

/**
 * Returns those that were dismissed; one that was replayed or dismissed before stays. `updated_at` is when it was
 * dismissed: it is kept for `retention` from then on.
 */
export const dismiss: Operation<[DismissRequest], readonly number[]> = {
  writes: true,
  async run(connection, { seqs, at, by, reason }) {
    const dismissed: number[] = [];
    for (const seq of new Set(seqs)) {
      if ((await connection.changes(end, { seq, at, by, reason })) > 0) dismissed.push(seq);
    }
    return dismissed;
  },
};

const end = statement<Omit<DismissRequest, 'seqs'> & { seq: number }>((param, { db }) =>
  db
    .updateTable('deliveries')
    .set({ state: 'dismissed', updated_at: param('at'), dismissed_by: param('by'), dismissal: param('reason') })
    .where('seq', '=', param('seq'))
    .where(LISTED)
    .where(NOT_REPLAYED),
);
