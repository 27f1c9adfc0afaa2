/** Remembers which Slack user an address belongs to, until it is to be looked up again. */
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

/** Null is nobody; undefined is not known (any more). `now`: ms since the epoch. */
export const person: Operation<[email: string, now: number], string | null | undefined> = {
  writes: false,
  async run(connection, email, now) {
    const [row] = await connection.rows(find, { email, now });
    return row?.user_id;
  },
};

/** The last word counts. `until`: ms since the epoch. */
export const savePerson: Operation<[email: string, userId: string | null, until: number], void> = {
  writes: true,
  async run(connection, email, userId, until) {
    await connection.changes(save, { email, userId, until });
  },
};

const find = statement<{ email: string; now: number }, { user_id: string | null }>((param, { db }) =>
  db.selectFrom('people').select('user_id').where('email', '=', param.key('email')).where('until', '>', param('now')),
);

const save = statement<{ email: string; userId: string | null; until: number }>((param, { db }) =>
  db
    .insertInto('people')
    .values({ email: param.key('email'), user_id: param('userId'), until: param('until') })
    .onConflict((conflict) =>
      conflict.column('email').doUpdateSet((row) => ({
        user_id: row.ref('excluded.user_id'),
        until: row.ref('excluded.until'),
      })),
    ),
);
