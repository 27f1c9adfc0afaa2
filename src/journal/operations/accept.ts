import type { DatabaseConnection, Kysely } from 'kysely';
import type { Storm } from '../../core/delivery.ts';
import { faultPoint } from '../../core/fault-point.ts';
import { keysOf, type SeenKey } from '../flat.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { Entry, PlannedEntry } from '../store.ts';
import type { Handlers } from './handlers.ts';
import type { CountOccurrence } from './thresholds.ts';

interface NewDelivery extends PlannedEntry {
  readonly eventSeq: number;
  readonly at: number;
  readonly attemptedAt: number | null;
  readonly replay: 0 | 1;
  readonly storm: Storm | null;
}

/** As it stands in the table. */
interface StoredDelivery extends NewDelivery {
  readonly dueAt: number;
  readonly stormCount: number | null;
  readonly stormSince: number | null;
}

/** Stores a delivery at the end of its lane, and gives its number. */
export type StoreDelivery = (connection: DatabaseConnection, delivery: NewDelivery) => Promise<number>;

export function storeDeliveryWith(db: Kysely<Tables>): StoreDelivery {
  const store = prepare<StoredDelivery, { seq: number }>((hole) =>
    db
      .insertInto('deliveries')
      .values({
        event_seq: hole('eventSeq'),
        lane: hole('lane'),
        route: hole('route'),
        target: hole('target'),
        state: hole('state'),
        attempts: 0,
        due_at: hole('dueAt'),
        due_set_at: hole('at'),
        accepted_at: hole('at'),
        updated_at: hole('at'),
        attempted_at: hole('attemptedAt'),
        replay: hole('replay'),
        storm_count: hole('stormCount'),
        storm_since: hole('stormSince'),
        reason_code: hole('reasonCode'),
        reason: hole('reason'),
      })
      .returning('seq'),
  );
  return async (connection, delivery) => {
    const { at, heldUntil, storm } = delivery;
    const row = {
      ...delivery,
      dueAt: heldUntil ?? at,
      stormCount: storm?.count ?? null,
      stormSince: storm?.since ?? null,
    };
    return numberOf(await store.rows(connection, row));
  };
}

/** The keys decide first, in the same transaction: what they let through is stored with everything it owes. */
export function acceptHandlers(
  db: Kysely<Tables>,
  { storeDelivery, countOccurrence }: { storeDelivery: StoreDelivery; countOccurrence: CountOccurrence },
): Pick<Handlers, 'accept'> {
  const { remember, storeEvent, markReported } = prepareQueries(db);

  /** An event is one occurrence of a key, however many deliveries wait for it: all of them are made, or none. */
  async function countEach(connection: DatabaseConnection, { deliveries, receivedAt }: Entry, eventSeq: number) {
    const storms = new Map<string, Storm | null>();
    for (const { threshold } of deliveries) {
      if (threshold === null || storms.has(threshold.key)) continue;
      storms.set(threshold.key, await countOccurrence(connection, { threshold, at: receivedAt, eventSeq }));
    }
    return storms;
  }

  return {
    accept: {
      writes: true,
      async run(connection, entry) {
        let known = false;
        for (const key of keysOf(entry)) known = (await remember.changes(connection, key)) === 0 || known;
        if (known) return null;
        const eventSeq = numberOf(await storeEvent.rows(connection, entry));
        const at = entry.receivedAt;
        const seqs: (number | null)[] = [];
        const storms = await countEach(connection, entry, eventSeq);
        for (const { threshold, ...delivery } of entry.deliveries) {
          const storm = threshold === null ? null : (storms.get(threshold.key) ?? null);
          const made = threshold === null || storm !== null;
          const attemptedAt = delivery.state === 'sending' ? at : null;
          const row = { ...delivery, eventSeq, at, attemptedAt, replay: 0, storm } as const;
          seqs.push(made ? await storeDelivery(connection, row) : null);
        }
        for (const seq of entry.reports) await markReported.changes(connection, { seq });
        faultPoint('accept.before-commit');
        return { eventSeq, seqs };
      },
    },
  };
}

function prepareQueries(db: Kysely<Tables>) {
  return {
    remember: prepare<SeenKey>((hole) =>
      db
        .insertInto('seen')
        .values({ source: hole('source'), key: hole('key'), expires_at: hole('keepUntil') })
        .onConflict((conflict) =>
          conflict
            .columns(['source', 'key'])
            .doUpdateSet((row) => ({ expires_at: row.ref('excluded.expires_at') }))
            .where('seen.expires_at', '<=', hole('receivedAt')),
        ),
    ),
    storeEvent: prepare<Entry, { seq: number }>((hole) =>
      db
        .insertInto('events')
        .values({
          id: hole('id'),
          source: hole('source'),
          topic: hole('topic'),
          subject: hole('subject'),
          envelope: hole('envelope'),
          body: hole('body'),
          received_at: hole('receivedAt'),
          receipt: hole('receipt'),
          trace: hole('trace'),
        })
        .returning('seq'),
    ),
    markReported: prepare<{ seq: number }>((hole) =>
      db.updateTable('deliveries').set({ reported: 1 }).where('seq', '=', hole('seq')).where('reported', '=', 0),
    ),
  };
}

function numberOf([row]: readonly { readonly seq: number }[]): number {
  if (row === undefined) throw new Error('the database returned no number for a stored row');
  return row.seq;
}
