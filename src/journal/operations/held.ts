import type { Kysely } from 'kysely';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { Argument } from '../store.ts';
import { HELD } from './conditions.ts';
import { changed } from './deliveries.ts';
import type { Handlers } from './handlers.ts';
import type { Hooks } from './hooks.ts';

/** What quiet hours hold back. It is in no lane's way until it is released. */
export function heldHandlers(db: Kysely<Tables>, enqueue: Hooks['enqueue']): Pick<Handlers, 'hold' | 'release'> {
  const hold = prepare<Argument<'hold'>>((hole) =>
    db
      .updateTable('deliveries')
      .set({ state: 'held', due_at: hole('until'), due_set_at: hole('at'), updated_at: hole('at') })
      .where('seq', '=', hole('seq'))
      .where('state', '=', 'pending'),
  );
  const earliest = prepare<null, { nextAt: number | null }>(() =>
    db
      .selectFrom('deliveries')
      .select(({ fn }) => fn.min<number | null>('due_at').as('nextAt'))
      .where(HELD),
  );
  const release = prepare<{ now: number }, { lane: string }>((hole) =>
    db
      .updateTable('deliveries')
      .set({ state: 'pending', released: 1 })
      .set({ due_at: hole('now'), due_set_at: hole('now'), updated_at: hole('now') })
      .where(HELD)
      .where('due_at', '<=', hole('now'))
      .returning('lane'),
  );
  return {
    hold: {
      writes: true,
      async run(connection, given) {
        changed(await hold.changes(connection, given), given.seq, 'is not pending');
        return null;
      },
    },
    release: {
      writes: true,
      async run(connection, { now }) {
        const [first] = await earliest.rows(connection, null);
        const nextAt = first?.nextAt ?? null;
        if (nextAt === null || nextAt > now) return { lanes: [], nextAt };
        const released = await release.rows(connection, { now });
        const [left] = await earliest.rows(connection, null);
        const lanes = [...new Set(released.map(({ lane }) => lane))];
        await enqueue(connection, lanes);
        return { lanes, nextAt: left?.nextAt ?? null };
      },
    },
  };
}
