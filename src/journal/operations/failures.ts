/** Lists what did not arrive and has not been reported, as groups of lane, state and reason. */
import { type SqlBool, sql } from 'kysely';
import type { FAILED_STATES } from '../../core/delivery.ts';
import type { Reason } from '../../core/outcome.ts';
import { LISTED, NOT_REPLAYED } from '../conditions.ts';
import type { Connection, Operation } from '../operation.ts';
import { type Param, statement, type Target } from '../statement.ts';

/** What did not arrive in one conversation, for one reason. */
export interface FailureGroup {
  readonly lane: string;
  readonly state: (typeof FAILED_STATES)[number];
  /** Of the newest one, as is its event's number. */
  readonly reason: Reason;
  readonly event: number;
  /** How many since the instant asked for; those that are older and not reported yet count as well. */
  readonly count: number;
  /** ms since the epoch, of those. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Those not reported yet, oldest first, at most as many as asked for. Never empty. */
  readonly unreported: readonly number[];
}

interface Query {
  /** ms since the epoch. */
  readonly since: number;
  readonly limit: number;
}

/**
 * Groups with something unreported, counted since `since`. Everything is read by `deliveries_refused`, in which those
 * not reported yet stand together: where there are none, however many are listed, this costs nothing.
 */
export const failures: Operation<[Query], FailureGroup[]> = {
  writes: false,
  async run(connection, query) {
    const found: FailureGroup[] = [];
    for (const group of await connection.rows(groups, null)) found.push(await failureGroupOf(connection, group, query));
    return found;
  },
};

interface Group {
  readonly lane: string;
  readonly state: FailureGroup['state'];
  readonly reason_code: string | null;
}

interface Counted {
  readonly count: number;
  /** Both null where there is none. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

async function failureGroupOf(
  connection: Connection,
  group: Group & Counted,
  { since, limit }: Query,
): Promise<FailureGroup> {
  const { lane, state, reason_code } = group;
  const key = { lane, state, reason_code, since, limit };
  const [latest] = await connection.rows(newest, key);
  const counted = [group, ...(await connection.rows(reported, key))];
  const instants = counted.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).filter((at) => at !== null);
  const waiting = await connection.rows(unreported, key);
  return {
    lane,
    state,
    reason: { code: reason_code ?? 'unknown', detail: latest?.reason ?? '' },
    event: latest?.event_seq ?? 0,
    count: counted.reduce((sum, { count }) => sum + count, 0),
    firstAt: Math.min(...instants),
    lastAt: Math.max(...instants),
    unreported: waiting.map(({ seq }) => seq),
  };
}

function listed({ db }: Target) {
  return db.selectFrom('deliveries').where(LISTED).where(NOT_REPLAYED).$narrowType<{ state: FailureGroup['state'] }>();
}

function ofGroup<P extends Group>(param: Param<P>, target: Target) {
  return listed(target)
    .where('lane', '=', param('lane'))
    .where('state', '=', param('state'))
    .where(sql<SqlBool>`reason_code is not distinct from ${param('reason_code')}`);
}

const groups = statement<null, Group & Counted>((_, target) =>
  listed(target)
    .select(['lane', 'state', 'reason_code'])
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .select(({ fn }) => [fn.min('updated_at').as('firstAt'), fn.max('updated_at').as('lastAt')])
    .where('reported', '=', 0)
    .groupBy(['lane', 'state', 'reason_code'])
    .orderBy('lane')
    .orderBy('state')
    .orderBy('reason_code'),
);

const reported = statement<Group & { since: number }, Counted>((param, target) =>
  ofGroup(param, target)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .select(({ fn }) => fn.min<number | null>('updated_at').as('firstAt'))
    .select(({ fn }) => fn.max<number | null>('updated_at').as('lastAt'))
    .where('reported', '=', 1)
    .where('updated_at', '>=', param('since')),
);

const newest = statement<Group, { reason: string | null; event_seq: number }>((param, target) =>
  ofGroup(param, target)
    .select(['reason', 'event_seq'])
    .where('reported', '=', 0)
    .orderBy('updated_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(1),
);

const unreported = statement<Group & { limit: number }, { seq: number }>((param, target) =>
  ofGroup(param, target)
    .select('seq')
    .where('reported', '=', 0)
    .orderBy('updated_at')
    .orderBy('seq')
    .limit(param('limit')),
);
