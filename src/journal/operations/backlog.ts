import { type Compilable, type Kysely, type RawBuilder, sql } from 'kysely';
import type { BacklogRows, LaneRow } from '../inspection-rows.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import { HELD, LISTED, NOT_REPLAYED, UNFINISHED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

/** By its two partial indexes: of a condition that holds for both, SQLite would use neither. */
const WAITING = sql`(
  select seq, lane, state, accepted_at, doubt_since from deliveries where ${UNFINISHED}
  union all
  select seq, lane, state, accepted_at, doubt_since from deliveries where ${HELD}
) as waiting`;

const NOTHING: BacklogRows['total'] = {
  lanes: 0,
  deliveries: 0,
  oldest_at: null,
  pending: 0,
  sending: 0,
  held: 0,
  oldest_pending_at: null,
};

/** What is unfinished, and what did not arrive. Known limit: looks at all of it, so whoever asks often keeps the answer for a while. */
export function backlogHandlers(db: Kysely<Tables>): Pick<Handlers, 'backlog'> {
  const raw = <Row>(statement: RawBuilder<Row>): Compilable<Row> => ({ compile: () => statement.compile(db) });
  const total = prepare<null, BacklogRows['total']>(() =>
    raw(sql`
      select count(distinct lane) as lanes, count(*) as deliveries, min(accepted_at) as oldest_at,
        count(case when state = 'pending' then 1 end) as pending,
        count(case when state = 'sending' then 1 end) as sending, count(case when state = 'held' then 1 end) as held,
        min(case when state <> 'held' then accepted_at end) as oldest_pending_at
      from ${WAITING}`),
  );
  const failed = prepare<null, BacklogRows['failed'][number]>(() =>
    db
      .selectFrom('deliveries')
      .$narrowType<{ state: 'dead' | 'parked' }>()
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .where(LISTED)
      .where(NOT_REPLAYED)
      .groupBy('state'),
  );
  const lanes = prepare<{ limit: number }, LaneRow>((hole) =>
    raw(sql`
      select longest.*, head.due_at, head.attempts, head.reason_code, head.reason,
        first_held.route as held_route, first_held.due_at as held_until
      from (
        select lane, coalesce(min(case when state <> 'held' then seq end), min(seq)) as head_seq,
          min(case when state = 'held' then seq end) as held_seq, count(*) as waiting,
          count(case when state = 'held' then 1 end) as held, count(doubt_since) as in_doubt,
          min(accepted_at) as oldest_at
        from ${WAITING} group by lane order by oldest_at, lane limit ${hole('limit')}
      ) as longest inner join deliveries as head on head.seq = longest.head_seq
      left join deliveries as first_held on first_held.seq = longest.held_seq
      order by longest.oldest_at, longest.lane`),
  );
  return {
    backlog: {
      writes: false,
      async run(connection, query) {
        const [all = NOTHING] = await total.rows(connection, null);
        return {
          total: all,
          failed: await failed.rows(connection, null),
          lanes: query.limit === 0 ? [] : await lanes.rows(connection, query),
        };
      },
    },
  };
}
