/** Holds a delivery back for quiet hours: from `pending` to `held`. It is in no lane's way until it is released. */
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import { assertChanged } from './unfinished.ts';

/** `until` and `at` (now) in ms since the epoch. Rejects for a delivery that is not pending. */
export const hold: Operation<[seq: number, until: number, at: number], void> = {
  writes: true,
  affects: (seq) => ({ seqs: [seq] }),
  async run(connection, seq, until, at) {
    assertChanged(await connection.changes(holdBack, { seq, until, at }), seq, 'is not pending');
  },
};

const holdBack = statement<{ seq: number; until: number; at: number }>((param, { db }) =>
  db
    .updateTable('deliveries')
    .set({ state: 'held', due_at: param('until'), due_set_at: param('at'), updated_at: param('at') })
    .where('seq', '=', param('seq'))
    .where('state', '=', 'pending'),
);
