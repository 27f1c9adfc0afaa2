import type { DatabaseConnection, Kysely } from 'kysely';
import { faultPoint } from '../../core/fault-point.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { DeliveryEntry, Entry } from '../store.ts';
import type { Handlers } from './handlers.ts';

interface NewDelivery extends DeliveryEntry {
  readonly eventSeq: number;
  readonly at: number;
  readonly attemptedAt: number | null;
  readonly replay: 0 | 1;
}

/** Stores a delivery at the end of its lane, and gives its number. */
export type StoreDelivery = (connection: DatabaseConnection, delivery: NewDelivery) => Promise<number>;

export function storeDeliveryWith(db: Kysely<Tables>): StoreDelivery {
  const store = prepare<NewDelivery, { seq: number }>((hole) =>
    db
      .insertInto('deliveries')
      .values({
        event_seq: hole('eventSeq'),
        lane: hole('lane'),
        route: hole('route'),
        target: hole('target'),
        state: hole('state'),
        attempts: 0,
        due_at: hole('at'),
        due_set_at: hole('at'),
        accepted_at: hole('at'),
        updated_at: hole('at'),
        attempted_at: hole('attemptedAt'),
        replay: hole('replay'),
      })
      .returning('seq'),
  );
  return async (connection, delivery) => numberOf(await store.rows(connection, delivery));
}

/** The key decides first, in the same transaction: what it lets through is stored with everything it owes. */
export function acceptHandlers(db: Kysely<Tables>, storeDelivery: StoreDelivery): Pick<Handlers, 'accept'> {
  const remember = prepare<Entry>((hole) =>
    db
      .insertInto('seen')
      .values({ source: hole('source'), key: hole('key'), expires_at: hole('keepUntil') })
      .onConflict((conflict) =>
        conflict
          .columns(['source', 'key'])
          .doUpdateSet((row) => ({ expires_at: row.ref('excluded.expires_at') }))
          .where('seen.expires_at', '<=', hole('receivedAt')),
      ),
  );
  const storeEvent = prepare<Entry, { seq: number }>((hole) =>
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
      })
      .returning('seq'),
  );
  const markReported = prepare<{ seq: number }>((hole) =>
    db.updateTable('deliveries').set({ reported: 1 }).where('seq', '=', hole('seq')).where('reported', '=', 0),
  );
  return {
    accept: {
      writes: true,
      async run(connection, entry) {
        if ((await remember.changes(connection, entry)) === 0) return null;
        const eventSeq = numberOf(await storeEvent.rows(connection, entry));
        const seqs: number[] = [];
        for (const delivery of entry.deliveries) {
          const attemptedAt = delivery.state === 'sending' ? entry.receivedAt : null;
          const row = { ...delivery, eventSeq, at: entry.receivedAt, attemptedAt, replay: 0 } as const;
          seqs.push(await storeDelivery(connection, row));
        }
        for (const seq of entry.reports) await markReported.changes(connection, { seq });
        faultPoint('accept.before-commit');
        return { eventSeq, seqs };
      },
    },
  };
}

function numberOf([row]: readonly { readonly seq: number }[]): number {
  if (row === undefined) throw new Error('the database returned no number for a stored row');
  return row.seq;
}
