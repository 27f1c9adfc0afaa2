/** Reads the attempts kept of deliveries. */
import type { DeliveryState } from '../../core/delivery.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Operation } from '../operation.ts';
import { reasonOf } from '../reason.ts';
import { statement } from '../statement.ts';
import { ATTEMPTS_KEPT } from './keep-attempt.ts';

/** An attempt that did not end its delivery at once, or one that came after such. */
export interface KeptAttempt {
  readonly deliverySeq: number;
  /** ms since the epoch: when it ended. */
  readonly at: number;
  readonly ms: number | null;
  readonly outcome: DeliveryState | 'retry';
  readonly reason: Reason | null;
}

/** Oldest first, at most the newest 50 of each delivery. */
export const attempts: Operation<[seqs: readonly number[]], KeptAttempt[]> = {
  writes: false,
  async run(connection, seqs) {
    const found: KeptAttempt[] = [];
    for (const seq of new Set(seqs)) {
      const rows = await connection.rows(newest, { seq });
      for (const { code, detail, ...row } of rows.toReversed()) found.push({ ...row, reason: reasonOf(code, detail) });
    }
    return found;
  },
};

interface Row extends Omit<KeptAttempt, 'reason'> {
  readonly code: string | null;
  readonly detail: string | null;
}

const newest = statement<{ seq: number }, Row>((param, { db }) =>
  db
    .selectFrom('attempts')
    .select(['delivery_seq as deliverySeq', 'at', 'ms', 'outcome', 'code', 'detail'])
    .where('delivery_seq', '=', param('seq'))
    .orderBy('seq', 'desc')
    .limit(ATTEMPTS_KEPT),
);
