import { type Kysely, sql } from 'kysely';
import { prepare } from '../prepared.ts';
import type { TallyRows } from '../rows.ts';
import type { Tables } from '../schema.ts';
import { NOT_REPLAYED } from './conditions.ts';
import type { Handlers } from './handlers.ts';
import type { Room } from './hooks.ts';

/** A few ms. */
const COUNTED_AT_ONCE = 5_000;

type Counted = TallyRows['rows'][number] & { readonly looked: number; readonly last: number };

export function healthHandlers(db: Kysely<Tables>, room: Room | null): Pick<Handlers, 'tally' | 'probe'> {
  const tally = prepare<{ after: number; limit: number }, Counted>((hole) =>
    db
      .selectFrom((from) =>
        from
          .selectFrom('deliveries')
          .select(['seq', 'state', 'replayed_as'])
          .where('seq', '>', hole('after'))
          .orderBy('seq')
          .limit(hole('limit'))
          .as('deliveries'),
      )
      .select(({ fn }) => [
        'state',
        fn.countAll<number>().as('looked'),
        sql<number>`count(case when ${NOT_REPLAYED} then 1 end)`.as('count'),
        fn.max<number>('seq').as('last'),
      ])
      .groupBy('state'),
  );
  // The value has to differ from the last one: an unchanged page would not be written at all.
  const touch = prepare<null>(() =>
    db
      .insertInto('probe')
      .values({ id: 1, commits: 1 })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ commits: sql`probe.commits + 1` })),
  );
  // A row of its own in the same table, and only in SQLite, where a column of numbers takes bytes as well. Bytes by
  // chance: file systems that compress would find room for zeros.
  const fill = prepare<{ bytes: number }>((hole) => ({
    compile: () =>
      sql`insert into probe (id, commits) values (2, randomblob(${hole('bytes')}))
        on conflict (id) do update set commits = excluded.commits`.compile(db),
  }));
  const empty = prepare<null>(() => db.deleteFrom('probe').where('id', '=', 2));
  return {
    tally: {
      writes: false,
      async run(connection, { after }) {
        const rows = await tally.rows(connection, { after, limit: COUNTED_AT_ONCE });
        const looked = rows.reduce((sum, row) => sum + row.looked, 0);
        const last = Math.max(...rows.map((row) => row.last));
        return { rows, next: looked < COUNTED_AT_ONCE ? null : last };
      },
    },
    probe: {
      writes: true,
      async run(connection, { step, room: bytes }) {
        if (step === 'give back') {
          await empty.changes(connection, null);
          room?.roomFound();
          return { taken: false };
        }
        await touch.changes(connection, null);
        if (room?.mayBeShortOf(bytes) !== true) return { taken: false };
        await fill.changes(connection, { bytes });
        return { taken: true };
      },
    },
  };
}
