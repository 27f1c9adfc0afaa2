/** Remembers the ids of channels that were only known by name, as `complete` learns them. */
import type { Connection, Operation } from '../operation.ts';
import { statement } from '../statement.ts';

/** Null where no message was sent to that name yet. */
export const channelId: Operation<[name: string], string | null> = {
  writes: false,
  async run(connection, name) {
    const [row] = await connection.rows(find, { name });
    return row?.id ?? null;
  },
};

interface Channel {
  readonly name: string;
  readonly id: string;
}

/** The last word counts, since a name may come to mean another channel. */
export async function saveChannelId(connection: Connection, channel: Channel): Promise<void> {
  await connection.changes(save, channel);
}

const find = statement<{ name: string }, { id: string }>((param, { db }) =>
  db.selectFrom('channels').select('id').where('name', '=', param.key('name')),
);

const save = statement<Channel>((param, { db }) =>
  db
    .insertInto('channels')
    .values({ name: param.key('name'), id: param('id') })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((row) => ({ id: row.ref('excluded.id') }))),
);
