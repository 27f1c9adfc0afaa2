import type { Kysely } from 'kysely';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { DeliveryEntry, Entry } from '../store.ts';
import type { Handlers } from './handlers.ts';

interface NewDelivery extends DeliveryEntry {
  readonly eventSeq: number;
  readonly at: number;
}

/** The key decides first, in the same transaction: what it lets through is stored with everything it owes. */
export function acceptHandlers(db: Kysely<Tables>): Pick<Handlers, 'accept'> {
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
  const storeDelivery = prepare<NewDelivery, { seq: number }>((hole) =>
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
        accepted_at: hole('at'),
        updated_at: hole('at'),
      })
      .returning('seq'),
  );
  return {
    accept: {
      writes: true,
      async run(connection, entry) {
        if (!(await remember.changes(connection, entry))) return null;
        const eventSeq = numberOf(await storeEvent.rows(connection, entry));
        const seqs: number[] = [];
        for (const delivery of entry.deliveries) {
          const row = { ...delivery, eventSeq, at: entry.receivedAt };
          seqs.push(numberOf(await storeDelivery.rows(connection, row)));
        }
        return { eventSeq, seqs };
      },
    },
  };
}

function numberOf([row]: readonly { readonly seq: number }[]): number {
  if (row === undefined) throw new Error('the database returned no number for a stored row');
  return row.seq;
}
