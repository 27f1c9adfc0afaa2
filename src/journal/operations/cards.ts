import type { DatabaseConnection, Kysely } from 'kysely';
import type { CardKey } from '../journal.ts';
import { prepare } from '../prepared.ts';
import type { CardRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import type { CardEntry, GoneCard } from '../store.ts';
import type { Handlers } from './handlers.ts';

/** Stores where a card is and what it shows, in place of what was known before; one that is gone is forgotten. */
export type SaveCard = (connection: DatabaseConnection, card: CardEntry | GoneCard) => Promise<void>;

export function saveCardWith(db: Kysely<Tables>): SaveCard {
  const save = prepare<CardEntry>((hole) =>
    db
      .insertInto('cards')
      .values({
        source: hole('source'),
        subject: hole('subject'),
        channel: hole('channel'),
        channel_id: hole('channel_id'),
        ts: hole('ts'),
        shown_at: hole('shown_at'),
        shown_seq: hole('shown_seq'),
        used_at: hole('used_at'),
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
  const forget = prepare<CardKey>((hole) =>
    db
      .deleteFrom('cards')
      .where('source', '=', hole('source'))
      .where('subject', '=', hole('subject'))
      .where('channel', '=', hole('channel')),
  );
  return async (connection, card) => {
    if (card.ts === null) await forget.changes(connection, card);
    else await save.changes(connection, card);
  };
}

export function cardHandlers(db: Kysely<Tables>, saveCard: SaveCard): Pick<Handlers, 'card' | 'saveCard'> {
  const find = prepare<CardKey, CardRow>((hole) =>
    db
      .selectFrom('cards')
      .select(['channel_id', 'ts', 'shown_at', 'shown_seq'])
      .where('source', '=', hole('source'))
      .where('subject', '=', hole('subject'))
      .where('channel', '=', hole('channel')),
  );
  return {
    card: {
      writes: false,
      async run(connection, key) {
        const [row] = await find.rows(connection, key);
        return row ?? null;
      },
    },
    saveCard: {
      writes: true,
      async run(connection, card) {
        await saveCard(connection, card);
        return null;
      },
    },
  };
}
