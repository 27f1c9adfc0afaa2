/**
 * Puts what has not ended in doubt: the journal was restored, so that it may have been sent since. Each is looked for in
 * Slack before it is sent.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { HELD, UNFINISHED } from '../conditions.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

export interface Restored {
  /** ms since the epoch: now. Nothing of the journal was sent after it. */
  readonly at: number;
  /** How often each counts as looked for. */
  readonly lookups: number;
  /** ms since the epoch: nothing is looked for before. */
  readonly notBefore: number;
}

export interface Doubted {
  readonly pending: number;
  readonly held: number;
}

/**
 * The journal knew of every attempt up to its newest time: what may have been made without its knowing began later. What
 * was in doubt already stays in doubt from when it was.
 */
export const doubtUnfinished: Operation<[Restored], Doubted> = {
  writes: true,
  async run(connection, { at, lookups, notBefore }) {
    const [newest] = await connection.rows(newestTime, null);
    const since = Math.min(at, newest?.at ?? at);
    const pending = await connection.changes(doubtPending, { at, lookups, since });
    const held = await connection.changes(doubtHeld, { at, lookups, since });
    await connection.changes(putOff, { at, notBefore });
    return { pending, held };
  },
};

const newestTime = statement<null, { at: number | null }>((_, { db }) =>
  db
    .selectFrom(
      db
        .selectFrom('events')
        .select('received_at as at')
        .unionAll(db.selectFrom('deliveries').select('updated_at as at'))
        .as('times'),
    )
    .select(({ fn }) => fn.max<number | null>('at').as('at')),
);

interface Doubting {
  readonly at: number;
  readonly lookups: number;
  readonly since: number;
}

/** What is `sending` is in doubt since its attempt; only then, or where it was in doubt, is its group one in Slack. */
const DOUBT_BEGAN = sql<number | null>`coalesce(doubt_since, case when state = 'sending' then attempted_at end)`;

function doubting(which: RawBuilder<SqlBool>) {
  return statement<Doubting>((param, { db }) =>
    db
      .updateTable('deliveries')
      .set({ doubt_since: sql`coalesce(${DOUBT_BEGAN}, ${param('since')})`, looks: param('lookups') })
      .set({ group_seq: sql`case when ${DOUBT_BEGAN} is null then null else group_seq end` })
      .set({ attempted_at: param('at') })
      .where(which),
  );
}

const doubtPending = doubting(UNFINISHED);
const doubtHeld = doubting(HELD);

const putOff = statement<Pick<Restored, 'at' | 'notBefore'>>((param, { db }) =>
  db
    .updateTable('deliveries')
    .set({ due_at: param('notBefore'), due_set_at: param('at') })
    .where(UNFINISHED)
    .where('due_at', '<', param('notBefore')),
);
