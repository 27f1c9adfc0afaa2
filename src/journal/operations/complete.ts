/** Records how deliveries ended, and what they left in Slack. */
import type { DeliveryState, Placement } from '../../core/delivery.ts';
import { faultPoint } from '../../core/fault-point.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import type { Card, CardKey } from './card.ts';
import { saveChannelId } from './channel-id.ts';
import { keepAttempt } from './keep-attempt.ts';
import { storeCard } from './save-card.ts';
import { assertChanged, ENDED, updateUnfinished } from './unfinished.ts';

export interface Completion {
  readonly seq: number;
  readonly state: Extract<DeliveryState, 'sent' | 'merged' | 'superseded' | 'dead' | 'parked'>;
  /** ms since the epoch. */
  readonly at: number;
  readonly reason?: Reason;
  readonly placement?: Placement;
  /** Stored with the outcome, in the same commit. Null: the card is gone, and forgotten. */
  readonly card?: { readonly key: CardKey; readonly card: Card | null };
  /** A channel's id, learnt from Slack's answer to a message sent to its name. In the same commit. */
  readonly channel?: { readonly name: string; readonly id: string };
  /** True for what is not worth a report: `failures` never lists it. */
  readonly unreported?: boolean;
  /** How long the attempt took that ended it: then it is kept among the delivery's attempts. */
  readonly ms?: number;
}

/** All of them or, where one is held or has ended before, none. */
export const complete: Operation<Completion[], void> = {
  writes: true,
  affects: (...completions) => ({ seqs: completions.map(({ seq }) => seq) }),
  async run(connection, ...completions) {
    for (const completion of completions) {
      const { seq, state, at, card, channel, ms } = completion;
      assertChanged(await connection.changes(end, rowOf(completion)), seq, ENDED);
      if (ms !== undefined) await keepAttempt(connection, completion, state);
      if (card !== undefined) await storeCard(connection, card.key, card.card, at);
      if (channel !== undefined) await saveChannelId(connection, channel);
    }
    faultPoint('complete.before-commit');
  },
};

function rowOf({ seq, state, at, reason, placement, unreported }: Completion) {
  return {
    seq,
    state,
    at,
    code: reason?.code ?? null,
    detail: reason?.detail ?? null,
    channel: placement?.channel ?? null,
    ts: placement?.ts ?? null,
    reported: unreported === true ? 2 : 0,
  };
}

const end = statement<ReturnType<typeof rowOf>>((param, target) =>
  updateUnfinished(target, param('seq'))
    .set({ state: param('state'), updated_at: param('at'), channel: param('channel'), ts: param('ts') })
    .set({ reason_code: param('code'), reason: param('detail'), reported: param('reported') }),
);
