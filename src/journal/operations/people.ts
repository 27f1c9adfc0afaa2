import type { Kysely } from 'kysely';
import { prepare } from '../prepared.ts';
import type { PersonRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import type { Argument } from '../store.ts';
import type { Handlers } from './handlers.ts';

/** Whom addresses belong to in Slack, until they are to be looked up again. The last word counts. */
export function peopleHandlers(db: Kysely<Tables>): Pick<Handlers, 'person' | 'savePerson'> {
  const find = prepare<Argument<'person'>, PersonRow>((hole) =>
    db.selectFrom('people').select('user_id').where('email', '=', hole('email')).where('until', '>', hole('now')),
  );
  const save = prepare<Argument<'savePerson'>>((hole) =>
    db
      .insertInto('people')
      .values({ email: hole('email'), user_id: hole('userId'), until: hole('until') })
      .onConflict((conflict) =>
        conflict.column('email').doUpdateSet((row) => ({
          user_id: row.ref('excluded.user_id'),
          until: row.ref('excluded.until'),
        })),
      ),
  );
  return {
    person: {
      writes: false,
      async run(connection, query) {
        const [row] = await find.rows(connection, query);
        return row ?? null;
      },
    },
    savePerson: {
      writes: true,
      async run(connection, person) {
        await save.changes(connection, person);
        return null;
      },
    },
  };
}
