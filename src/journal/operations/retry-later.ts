/** Puts deliveries back to `pending`, to be tried again. */
import type { Doubt } from '../../core/delivery.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import { keepAttempt } from './keep-attempt.ts';
import { assertChanged, ENDED, updateUnfinished } from './unfinished.ts';

export interface Retry {
  readonly seq: number;
  readonly attempts: number;
  /** ms since the epoch: now. */
  readonly at: number;
  /** ms since the epoch. */
  readonly dueAt: number;
  readonly reason: Reason;
  /** `until` is known to the journal: the last `markSending`. */
  readonly doubt: Pick<Doubt, 'since' | 'lookups'> | null;
  /** The group it stays with, while in doubt. */
  readonly group: number | null;
  /** How long the attempt took. */
  readonly ms?: number;
}

/** All of them or none. */
export const retryLater: Operation<Retry[], void> = {
  writes: true,
  affects: (...retries) => ({ seqs: retries.map(({ seq }) => seq) }),
  async run(connection, ...retries) {
    for (const retry of retries) {
      assertChanged(await connection.changes(putBack, rowOf(retry)), retry.seq, ENDED);
      await keepAttempt(connection, retry, 'retry');
    }
  },
};

function rowOf({ seq, attempts, at, dueAt, reason, doubt, group }: Retry) {
  const { code, detail } = reason;
  return { seq, attempts, at, dueAt, code, detail, since: doubt?.since ?? null, looks: doubt?.lookups ?? 0, group };
}

const putBack = statement<ReturnType<typeof rowOf>>((param, target) =>
  updateUnfinished(target, param('seq'))
    .set({ state: 'pending', attempts: param('attempts'), due_at: param('dueAt'), group_seq: param('group') })
    .set({ updated_at: param('at'), due_set_at: param('at'), doubt_since: param('since'), looks: param('looks') })
    .set({ reason_code: param('code'), reason: param('detail') }),
);
