import type { DatabaseConnection, Kysely } from 'kysely';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { ChannelEntry } from '../store.ts';
import type { Handlers } from './handlers.ts';

/** Stores a channel's id; the last word counts, since a name may come to mean another channel. */
export type SaveChannel = (connection: DatabaseConnection, channel: ChannelEntry) => Promise<void>;

export function saveChannelWith(db: Kysely<Tables>): SaveChannel {
  const save = prepare<ChannelEntry>((hole) =>
    db
      .insertInto('channels')
      .values({ name: hole('name'), id: hole('id') })
      .onConflict((conflict) => conflict.column('name').doUpdateSet((row) => ({ id: row.ref('excluded.id') }))),
  );
  return async (connection, channel) => {
    await save.changes(connection, channel);
  };
}

export function channelHandlers(db: Kysely<Tables>): Pick<Handlers, 'channelId'> {
  const find = prepare<{ name: string }, { id: string }>((hole) =>
    db.selectFrom('channels').select('id').where('name', '=', hole('name')),
  );
  return {
    channelId: {
      writes: false,
      async run(connection, channel) {
        const [row] = await find.rows(connection, channel);
        return row?.id ?? null;
      },
    },
  };
}
