/** Releases what quiet hours held back: what is held and due becomes `pending`. */
import { HELD } from '../conditions.ts';
import type { Connection, Operation } from '../operation.ts';
import { statement } from '../statement.ts';

interface Released {
  /** The lanes that have something to send now. */
  readonly lanes: readonly string[];
  /** When the next held delivery is due, ms since the epoch. */
  readonly nextAt: number | null;
}

/** `now`: ms since the epoch. */
export const release: Operation<[now: number], Released> = {
  writes: true,
  async run(connection, now) {
    const nextAt = await earliestDue(connection);
    if (nextAt === null || nextAt > now) return { lanes: [], nextAt };
    const released = await connection.rows(releaseDue, { now });
    const lanes = [...new Set(released.map(({ lane }) => lane))];
    const left = await earliestDue(connection);
    await connection.enqueue(lanes);
    return { lanes, nextAt: left };
  },
};

async function earliestDue(connection: Connection): Promise<number | null> {
  const [first] = await connection.rows(earliest, null);
  return first?.nextAt ?? null;
}

const earliest = statement<null, { nextAt: number | null }>((_, { db }) =>
  db
    .selectFrom('deliveries')
    .select(({ fn }) => fn.min<number | null>('due_at').as('nextAt'))
    .where(HELD),
);

const releaseDue = statement<{ now: number }, { lane: string }>((param, { db }) =>
  db
    .updateTable('deliveries')
    .set({ state: 'pending', released: 1 })
    .set({ due_at: param('now'), due_set_at: param('now'), updated_at: param('now') })
    .where(HELD)
    .where('due_at', '<=', param('now'))
    .returning('lane'),
);
