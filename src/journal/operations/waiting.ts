/** Reads a lane's unfinished deliveries as far as one has to know them to decide what goes out together. */
import type { Target } from '../../core/delivery.ts';
import { eventTimeMs } from '../../core/event.ts';
import type { EventHeader } from '../../core/event-header.ts';
import { UNFINISHED } from '../conditions.ts';
import { channelOf } from '../lane-names.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import { groupOf, type InDoubt, isInDoubt, type QueuedDelivery } from './next.ts';

export interface WaitingDelivery
  extends Pick<QueuedDelivery, 'seq' | 'eventSeq' | 'route' | 'target' | 'group' | 'released' | 'dueAt' | 'dueSetAt'> {
  readonly inDoubt: boolean;
  readonly source: string;
  readonly subject: string | null;
  /** As eventTimeMs gives it. */
  readonly occurredAt: number;
  /** Whether its subject has a card in the lane's channel. */
  readonly hasCard: boolean;
}

/** As `next`, slim. */
export const waiting: Operation<[lane: string, limit: number], WaitingDelivery[]> = {
  writes: false,
  async run(connection, lane, limit) {
    const rows = await connection.rows(ofLane, { lane, channel: channelOf(lane), limit });
    return rows.map(waitingOf);
  },
};

interface Row extends InDoubt {
  readonly seq: number;
  readonly event_seq: number;
  readonly route: string;
  readonly target: string;
  readonly released: number;
  readonly due_at: number;
  readonly due_set_at: number;
  readonly source: string;
  readonly subject: string | null;
  readonly envelope: string;
  readonly card_seq: number | null;
}

function waitingOf(row: Row): WaitingDelivery {
  const { seq, event_seq: eventSeq, route, source, subject, due_at: dueAt, due_set_at: dueSetAt } = row;
  const target: Target = JSON.parse(row.target);
  const times: Pick<EventHeader, 'occurred_at' | 'received_at'> = JSON.parse(row.envelope);
  return {
    seq,
    eventSeq,
    route,
    target,
    group: groupOf(row),
    released: row.released === 1,
    dueAt,
    dueSetAt,
    inDoubt: isInDoubt(row),
    source,
    subject,
    occurredAt: eventTimeMs(times),
    hasCard: row.card_seq !== null,
  };
}

/** `channel`: the lane's, null where it has none. */
const ofLane = statement<{ lane: string; channel: string | null; limit: number }, Row>((param, { db }) =>
  db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.seq', 'deliveries.event_seq')
    .leftJoin('cards', (join) =>
      join
        .onRef('cards.source', '=', 'events.source')
        .onRef('cards.subject', '=', 'events.subject')
        .on('cards.channel', '=', param.key('channel')),
    )
    .where(UNFINISHED)
    .$narrowType<{ state: 'pending' | 'sending' }>()
    .select(['deliveries.seq', 'event_seq', 'route', 'target', 'state', 'doubt_since', 'group_seq', 'released'])
    .select(['due_at', 'due_set_at', 'events.source', 'events.subject', 'envelope', 'cards.seq as card_seq'])
    .where('lane', '=', param.key('lane'))
    .orderBy('deliveries.seq')
    .limit(param('limit')),
);
