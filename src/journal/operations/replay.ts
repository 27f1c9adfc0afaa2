import type { Kysely } from 'kysely';
import type { Storm } from '../../core/delivery.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { PlannedEntry } from '../store.ts';
import type { StoreDelivery } from './accept.ts';
import { NOT_REPLAYED, REPLAYABLE } from './conditions.ts';
import type { Handlers } from './handlers.ts';
import type { Hooks } from './hooks.ts';

/** Looks at everything before it changes anything: what it refuses shares its transaction with others' changes. */
export function replayHandlers(
  db: Kysely<Tables>,
  { storeDelivery, enqueue }: { readonly storeDelivery: StoreDelivery; readonly enqueue: Hooks['enqueue'] },
): Pick<Handlers, 'replay'> {
  const event = prepare<{ seq: number }, { seq: number }>((hole) =>
    db.selectFrom('events').select('seq').where('seq', '=', hole('seq')),
  );
  // An update that changes nothing: where others share the database, of two who replay the same one waits here.
  const replaceable = prepare<{ seq: number }, Replaced>((hole) =>
    db
      .updateTable('deliveries')
      .set({ replayed_as: null })
      .where('seq', '=', hole('seq'))
      .where(REPLAYABLE)
      .where(NOT_REPLAYED)
      .returning(['storm_count', 'storm_since']),
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
        const replaced: Replaced[] = [];
        for (const seq of replaces) {
          const [row] = await replaceable.rows(connection, { seq });
          if (row === undefined) return null;
          replaced.push(row);
        }
        const seqs: number[] = [];
        for (const [index, delivery] of deliveries.entries()) {
          const storm = stormOf(replaced[index] ?? replaced[0]);
          const row = { ...delivery, eventSeq, at, attemptedAt: null, replay: 1, storm } as const;
          seqs.push(await storeDelivery(connection, row));
        }
        for (const [index, seq] of replaces.entries()) {
          const by = seqs[index] ?? seqs[0];
          if (by !== undefined) await replace.changes(connection, { seq, by });
        }
        await enqueue(connection, lanesOf(deliveries));
        return seqs;
      },
    },
  };
}

function lanesOf(deliveries: readonly PlannedEntry[]): string[] {
  return [...new Set(deliveries.filter(({ state }) => state === 'pending').map(({ lane }) => lane))];
}

interface Replaced {
  readonly storm_count: number | null;
  readonly storm_since: number | null;
}

/** What was counted is told again. */
function stormOf(replaced: Replaced | undefined): Storm | null {
  const { storm_count: count = null, storm_since: since = null } = replaced ?? {};
  return count === null || since === null ? null : { count, since };
}
