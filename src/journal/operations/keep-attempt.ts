/** Keeps an attempt at a delivery, and the newest few of them. */
import type { DeliveryState } from '../../core/delivery.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Connection } from '../operation.ts';
import { statement } from '../statement.ts';

/** Attempts kept per delivery. */
export const ATTEMPTS_KEPT = 50;

/** Slack's answers are a few words; what a template's author wrote may be longer. */
const LONGEST_DETAIL = 300;

interface Tried {
  readonly seq: number;
  /** ms since the epoch: when it ended. */
  readonly at: number;
  readonly reason?: Reason | undefined;
  readonly ms?: number | undefined;
}

export async function keepAttempt(
  connection: Connection,
  { seq, at, ms, reason }: Tried,
  outcome: DeliveryState | 'retry',
): Promise<void> {
  const detail = reason?.detail.slice(0, LONGEST_DETAIL) ?? null;
  const took = ms === undefined ? null : Math.round(ms);
  await connection.changes(keep, { seq, at, ms: took, outcome, code: reason?.code ?? null, detail });
  await connection.changes(trim, { seq });
}

interface Attempt extends Pick<Tried, 'seq' | 'at'> {
  readonly ms: number | null;
  readonly outcome: DeliveryState | 'retry';
  readonly code: string | null;
  readonly detail: string | null;
}

const keep = statement<Attempt>((param, { db }) =>
  db.insertInto('attempts').values({
    delivery_seq: param('seq'),
    at: param('at'),
    ms: param('ms'),
    outcome: param('outcome'),
    code: param('code'),
    detail: param('detail'),
  }),
);

const trim = statement<{ seq: number }>((param, { db }) =>
  db
    .deleteFrom('attempts')
    .where('delivery_seq', '=', param('seq'))
    .where('seq', '<=', (from) =>
      from
        .selectFrom('attempts as newer')
        .select('newer.seq')
        .where('newer.delivery_seq', '=', param('seq'))
        .orderBy('newer.seq', 'desc')
        .limit(1)
        .offset(ATTEMPTS_KEPT),
    ),
);
