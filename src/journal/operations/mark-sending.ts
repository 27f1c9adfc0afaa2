/** Records that deliveries are about to be sent: before the call to Slack, so that a crash in the middle is seen. */
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import { assertChanged, ENDED, updateUnfinished } from './unfinished.ts';

interface Mark {
  readonly seq: number;
  readonly at: number;
  readonly group: number | null;
}

/** `at`: ms since the epoch. `group`: the first of those that go out together. */
export const markSending: Operation<[seqs: readonly number[], at: number, group?: number], void> = {
  writes: true,
  affects: (seqs) => ({ seqs }),
  async run(connection, seqs, at, group) {
    for (const seq of seqs) {
      assertChanged(await connection.changes(mark, { seq, at, group: group ?? null }), seq, ENDED);
    }
  },
};

const mark = statement<Mark>((param, target) =>
  updateUnfinished(target, param('seq'))
    .set({ state: 'sending', updated_at: param('at'), attempted_at: param('at') })
    .set({ group_seq: param('group') }),
);
