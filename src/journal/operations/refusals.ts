import { type DatabaseConnection, type Kysely, type SqlBool, sql } from 'kysely';
import { type Hole, prepare } from '../prepared.ts';
import type { Refusals } from '../records.ts';
import type { Tables } from '../schema.ts';
import { LISTED, NOT_REPLAYED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

interface Group {
  readonly lane: string;
  readonly state: Refusals['state'];
  readonly reason_code: string | null;
}

interface Counted {
  readonly count: number;
  /** Both null where there is none. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

/**
 * What did not arrive, as groups of lane, state and reason. Everything is read by `deliveries_refused`, in which those
 * not reported yet stand together: where there are none, however many are listed, this costs nothing.
 */
export function refusalHandlers(db: Kysely<Tables>): Pick<Handlers, 'refusals'> {
  const { groups, reported, newest, unreported } = prepareQueries(db);

  async function refusalsOf(
    connection: DatabaseConnection,
    group: Group & Counted,
    { since, limit }: { readonly since: number; readonly limit: number },
  ): Promise<Refusals> {
    const { lane, state, reason_code } = group;
    const key = { lane, state, reason_code, since, limit };
    const [latest] = await newest.rows(connection, key);
    const counted = [group, ...(await reported.rows(connection, key))];
    const instants = counted.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).filter((at) => at !== null);
    const waiting = await unreported.rows(connection, key);
    return {
      lane,
      state,
      reason: { code: reason_code ?? 'unknown', detail: latest?.reason ?? '' },
      count: counted.reduce((sum, { count }) => sum + count, 0),
      firstAt: Math.min(...instants),
      lastAt: Math.max(...instants),
      unreported: waiting.map(({ seq }) => seq),
    };
  }

  return {
    refusals: {
      writes: false,
      async run(connection, query) {
        const found: Refusals[] = [];
        for (const group of await groups.rows(connection, null)) {
          found.push(await refusalsOf(connection, group, query));
        }
        return found;
      },
    },
  };
}

function prepareQueries(db: Kysely<Tables>) {
  const listed = db
    .selectFrom('deliveries')
    .where(LISTED)
    .where(NOT_REPLAYED)
    .$narrowType<{ state: Refusals['state'] }>();
  const ofGroup = (hole: Hole<Group>) =>
    listed
      .where('lane', '=', hole('lane'))
      .where('state', '=', hole('state'))
      .where(sql<SqlBool>`reason_code is not distinct from ${hole('reason_code')}`);
  return {
    groups: prepare<null, Group & Counted>(() =>
      listed
        .select(['lane', 'state', 'reason_code'])
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .select(({ fn }) => [fn.min('updated_at').as('firstAt'), fn.max('updated_at').as('lastAt')])
        .where('reported', '=', 0)
        .groupBy(['lane', 'state', 'reason_code'])
        .orderBy('lane')
        .orderBy('state')
        .orderBy('reason_code'),
    ),
    reported: prepare<Group & { since: number }, Counted>((hole) =>
      ofGroup(hole)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .select(({ fn }) => fn.min<number | null>('updated_at').as('firstAt'))
        .select(({ fn }) => fn.max<number | null>('updated_at').as('lastAt'))
        .where('reported', '=', 1)
        .where('updated_at', '>=', hole('since')),
    ),
    newest: prepare<Group, { reason: string | null }>((hole) =>
      ofGroup(hole)
        .select('reason')
        .where('reported', '=', 0)
        .orderBy('updated_at', 'desc')
        .orderBy('seq', 'desc')
        .limit(1),
    ),
    unreported: prepare<Group & { limit: number }, { seq: number }>((hole) =>
      ofGroup(hole).select('seq').where('reported', '=', 0).orderBy('updated_at').orderBy('seq').limit(hole('limit')),
    ),
  };
}
