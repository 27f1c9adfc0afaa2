import type { Kysely } from 'kysely';
import type { Envelope } from '../../core/envelope.ts';
import { eventTimeMs } from '../../core/event.ts';
import { prepare } from '../prepared.ts';
import type { DeliveryRow, WaitingRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import type { Argument } from '../store.ts';
import { UNFINISHED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

/** What a lane reads: its unfinished deliveries. */
export function laneHandlers(db: Kysely<Tables>): Pick<Handlers, 'lanesWithWork' | 'next' | 'waiting' | 'load'> {
  const { lanes, next, one, waiting } = prepareQueries(db);
  return {
    lanesWithWork: {
      writes: false,
      async run(connection) {
        const rows = await lanes.rows(connection, null);
        return rows.map(({ lane }) => lane);
      },
    },
    next: { writes: false, run: (connection, query) => next.rows(connection, query) },
    waiting: {
      writes: false,
      async run(connection, query) {
        const rows = await waiting.rows(connection, query);
        return rows.map(({ envelope, ...row }) => ({ ...row, occurred_at: occurredAt(envelope) }));
      },
    },
    load: {
      writes: false,
      async run(connection, { seqs }) {
        const found: DeliveryRow[] = [];
        for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) {
          found.push(...(await one.rows(connection, { seq })));
        }
        return found;
      },
    },
  };
}

type FoundWaiting = Omit<WaitingRow, 'occurred_at'> & { readonly envelope: string };

/** Read here: an envelope is as long as its event's text, and two hundred of them cost more to hand over than to read. */
function occurredAt(envelope: string): number {
  const times: Pick<Envelope, 'occurred_at' | 'received_at'> = JSON.parse(envelope);
  return eventTimeMs(times);
}

function prepareQueries(db: Kysely<Tables>) {
  const unfinished = db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.seq', 'deliveries.event_seq')
    .where(UNFINISHED)
    .$narrowType<{ state: 'pending' | 'sending' }>();
  const whole = unfinished
    .select(['deliveries.seq', 'lane', 'route', 'target', 'state', 'attempts', 'due_at', 'due_set_at', 'accepted_at'])
    .select(['attempted_at', 'doubt_since', 'looks', 'group_seq', 'released', 'storm_count', 'storm_since'])
    .select(['event_seq', 'envelope', 'body', 'trace']);
  return {
    lanes: prepare<null, { lane: string }>(() =>
      db.selectFrom('deliveries').select('lane').distinct().where(UNFINISHED).orderBy('lane'),
    ),
    next: prepare<Argument<'next'>, DeliveryRow>((hole) =>
      whole.where('lane', '=', hole('lane')).orderBy('deliveries.seq').limit(hole('limit')),
    ),
    one: prepare<{ seq: number }, DeliveryRow>((hole) => whole.where('deliveries.seq', '=', hole('seq'))),
    waiting: prepare<Argument<'waiting'>, FoundWaiting>((hole) =>
      unfinished
        .leftJoin('cards', (join) =>
          join
            .onRef('cards.source', '=', 'events.source')
            .onRef('cards.subject', '=', 'events.subject')
            .on('cards.channel', '=', hole('channel')),
        )
        .select(['deliveries.seq', 'event_seq', 'route', 'target', 'state', 'doubt_since', 'group_seq', 'released'])
        .select(['due_at', 'due_set_at', 'events.source', 'events.subject', 'envelope', 'cards.seq as card_seq'])
        .where('lane', '=', hole('lane'))
        .orderBy('deliveries.seq')
        .limit(hole('limit')),
    ),
  };
}
