import { type Kysely, sql } from 'kysely';
import { prepare } from '../prepared.ts';
import type { TallyRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import type { Handlers } from './handlers.ts';

export function healthHandlers(db: Kysely<Tables>): Pick<Handlers, 'tally' | 'probe'> {
  const tally = prepare<null, TallyRow>(() =>
    db
      .selectFrom('deliveries')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .groupBy('state'),
  );
  // The value has to differ from the last one: an unchanged page would not be written at all.
  const touch = prepare<null>(() =>
    db
      .insertInto('probe')
      .values({ id: 1, commits: 1 })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ commits: sql`probe.commits + 1` })),
  );
  return {
    tally: { writes: false, run: (connection) => tally.rows(connection, null) },
    probe: {
      writes: true,
      async run(connection) {
        await touch.changes(connection, null);
        return null;
      },
    },
  };
}
