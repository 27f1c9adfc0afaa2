/** Reads one event with all that is known of how it came in. */
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import { eventOf, type StoredEvent } from '../stored-event.ts';
import { type DedupeKey, readVerification, type VerificationInfo } from '../verification.ts';

export interface InspectedEvent extends StoredEvent {
  /** As it is kept. */
  readonly body: Uint8Array;
  /** ms since the epoch. */
  readonly receivedAt: number;
  /** Null for the relay's own events, and what was accepted before it was kept. */
  readonly received: VerificationInfo | null;
  readonly dedupe: DedupeKey | null;
  /** Its `traceparent`. */
  readonly trace: string | null;
  /** How often it came again with another body, and when it last did; null: never. */
  readonly conflicts: { readonly count: number; readonly lastAt: number } | null;
}

/** Null where there is no event of that number. */
export const inspect: Operation<[seq: number], InspectedEvent | null> = {
  writes: false,
  async run(connection, seq) {
    const [row] = await connection.rows(one, { seq });
    if (row === undefined) return null;
    const { body, received_at: receivedAt, receipt, trace, conflict_at: lastAt } = row;
    const conflicts = lastAt === null ? null : { count: row.conflicts, lastAt };
    return { seq, event: eventOf(row), body, receivedAt, trace, conflicts, ...readVerification(receipt) };
  },
};

interface Row {
  readonly envelope: string;
  readonly body: Uint8Array;
  readonly received_at: number;
  readonly receipt: string | null;
  readonly trace: string | null;
  readonly conflicts: number;
  readonly conflict_at: number | null;
}

const one = statement<{ seq: number }, Row>((param, { db }) =>
  db
    .selectFrom('events')
    .select(['envelope', 'body', 'received_at', 'receipt', 'trace', 'conflicts', 'conflict_at'])
    .where('seq', '=', param('seq')),
);
