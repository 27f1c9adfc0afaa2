/**
 * Finds out whether the journal takes a commit: a row changes and, where room may be short, as many bytes are written as
 * an event may take. They are given back in a commit of their own, since nothing is written before a commit.
 */
import { sql } from 'kysely';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

/** Returns whether it wrote `room` bytes, which have to be given back. */
export const takeRoom: Operation<[room: number], boolean> = {
  writes: true,
  needs: 'health',
  async run(connection, bytes) {
    await connection.changes(touch, null);
    if (connection.room?.mayBeShortOf(bytes) !== true) return false;
    await connection.changes(fill, { bytes });
    return true;
  },
};

export const giveRoomBack: Operation<[], void> = {
  writes: true,
  needs: 'health',
  async run(connection) {
    await connection.changes(empty, null);
    connection.room?.roomFound();
  },
};

/** The value has to differ from the last one: an unchanged page would not be written at all. */
const touch = statement<null>((_, { db }) =>
  db
    .insertInto('probe')
    .values({ id: 1, commits: 1 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ commits: sql`probe.commits + 1` })),
);

/**
 * A row of its own in the same table, and only in SQLite, where a column of numbers takes bytes as well. Random bytes:
 * file systems that compress would find room for zeros.
 */
const fill = statement<{ bytes: number }>(
  (param) =>
    sql`insert into probe (id, commits) values (2, randomblob(${param('bytes')}))
      on conflict (id) do update set commits = excluded.commits`,
);

const empty = statement<null>((_, { db }) => db.deleteFrom('probe').where('id', '=', 2));
