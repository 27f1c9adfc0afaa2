import type { Kysely } from 'kysely';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { StoreDelivery } from './accept.ts';
import { LISTED, NOT_REPLAYED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

/** Looks at everything before it changes anything: what it refuses shares its transaction with others' changes. */
export function replayHandlers(db: Kysely<Tables>, storeDelivery: StoreDelivery): Pick<Handlers, 'replay'> {
  const event = prepare<{ seq: number }, { seq: number }>((hole) =>
    db.selectFrom('events').select('seq').where('seq', '=', hole('seq')),
  );
  const listed = prepare<{ seq: number }, { seq: number }>((hole) =>
    db.selectFrom('deliveries').select('seq').where('seq', '=', hole('seq')).where(LISTED).where(NOT_REPLAYED),
  );
  const replace = prepare<{ seq: number; by: number }>((hole) =>
    db
      .updateTable('deliveries')
      .set({ replayed_as: hole('by') })
      .where('seq', '=', hole('seq')),
  );
  return {
    replay: {
      writes: true,
      async run(connection, { eventSeq, at, deliveries, replaces }) {
        const [kept] = await event.rows(connection, { seq: eventSeq });
        if (kept === undefined) return null;
        for (const seq of replaces) {
          const [row] = await listed.rows(connection, { seq });
          if (row === undefined) return null;
        }
        const seqs: number[] = [];
        for (const delivery of deliveries) {
          seqs.push(await storeDelivery(connection, { ...delivery, eventSeq, at, attemptedAt: null, replay: 1 }));
        }
        for (const [index, seq] of replaces.entries()) {
          const by = seqs[index] ?? seqs[0];
          if (by !== undefined) await replace.changes(connection, { seq, by });
        }
        return seqs;
      },
    },
  };
}
