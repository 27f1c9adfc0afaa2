/** Reads where a subject's card is in a channel. */
import type { Placement } from '../../core/delivery.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

/** A card is the message that shows a subject in a channel, and the root of the subject's thread. */
export interface CardKey {
  readonly source: string;
  readonly subject: string;
  /** The channel as the route names it. */
  readonly channel: string;
}

export interface Card {
  readonly placement: Placement;
  /** What the message shows, as an event's time and seq; null while it is only a thread's root. */
  readonly shows: { readonly occurredAt: number; readonly eventSeq: number } | null;
}

export const card: Operation<[key: CardKey], Card | null> = {
  writes: false,
  async run(connection, key) {
    const [row] = await connection.rows(find, key);
    if (row === undefined) return null;
    const { channel_id: channel, ts, shown_at: occurredAt, shown_seq: eventSeq } = row;
    const shows = occurredAt === null || eventSeq === null ? null : { occurredAt, eventSeq };
    return { placement: { channel, ts }, shows };
  },
};

interface Row {
  readonly channel_id: string;
  readonly ts: string;
  readonly shown_at: number | null;
  readonly shown_seq: number | null;
}

const find = statement<CardKey, Row>((param, { db }) =>
  db
    .selectFrom('cards')
    .select(['channel_id', 'ts', 'shown_at', 'shown_seq'])
    .where('source', '=', param.key('source'))
    .where('subject', '=', param.key('subject'))
    .where('channel', '=', param.key('channel')),
);
