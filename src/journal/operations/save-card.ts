/** Stores where a card is and what it shows, in place of what was known before. */
import { laneOf } from '../lane-names.ts';
import type { Connection, Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import type { Card, CardKey } from './card.ts';

/** Without ending a delivery: a thread's root, posted on the way to a reply. `at`: ms since the epoch. */
export const saveCard: Operation<[key: CardKey, card: Card, at: number], void> = {
  writes: true,
  affects: ({ channel }) => ({ lane: laneOf(channel) }),
  run: storeCard,
};

/** Null: the card is gone, and forgotten. */
export async function storeCard(connection: Connection, key: CardKey, card: Card | null, at: number): Promise<void> {
  if (card === null) await connection.changes(forget, key);
  else await connection.changes(store, rowOf(key, card, at));
}

function rowOf({ source, subject, channel }: CardKey, { placement, shows }: Card, at: number) {
  const { channel: channelId, ts } = placement;
  const shown = { shownAt: shows?.occurredAt ?? null, shownSeq: shows?.eventSeq ?? null };
  return { source, subject, channel, channelId, ts, ...shown, at };
}

const store = statement<ReturnType<typeof rowOf>>((param, { db }) =>
  db
    .insertInto('cards')
    .values({
      source: param.key('source'),
      subject: param.key('subject'),
      channel: param.key('channel'),
      channel_id: param('channelId'),
      ts: param('ts'),
      shown_at: param('shownAt'),
      shown_seq: param('shownSeq'),
      used_at: param('at'),
    })
    .onConflict((conflict) =>
      conflict.columns(['source', 'subject', 'channel']).doUpdateSet((row) => ({
        channel_id: row.ref('excluded.channel_id'),
        ts: row.ref('excluded.ts'),
        shown_at: row.ref('excluded.shown_at'),
        shown_seq: row.ref('excluded.shown_seq'),
        used_at: row.ref('excluded.used_at'),
      })),
    ),
);

const forget = statement<CardKey>((param, { db }) =>
  db
    .deleteFrom('cards')
    .where('source', '=', param.key('source'))
    .where('subject', '=', param.key('subject'))
    .where('channel', '=', param.key('channel')),
);
