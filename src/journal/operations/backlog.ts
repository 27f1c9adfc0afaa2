/** Counts what is unfinished and what did not arrive. Known limit: looks at all of it, so who asks often keeps the answer. */
import { sql } from 'kysely';
import { type DeliveryState, destinationOf, type NoTarget, type Target } from '../../core/delivery.ts';
import type { Reason } from '../../core/outcome.ts';
import { HELD, LISTED, NOT_REPLAYED, UNFINISHED } from '../conditions.ts';
import { laneOf } from '../lane-names.ts';
import type { Operation } from '../operation.ts';
import { reasonOf } from '../reason.ts';
import { statement } from '../statement.ts';

/** What is unfinished, by lane. Times are ms since the epoch. */
export interface Backlog {
  /** How many lanes there are of it. */
  readonly lanes: number;
  /** Unfinished deliveries, held ones included. */
  readonly deliveries: number;
  /** When the oldest of them was accepted. */
  readonly oldestAt: number | null;
  /** The same of those that no quiet hours hold back. */
  readonly oldestPendingAt: number | null;
  readonly byState: Readonly<Record<'pending' | 'sending' | 'held', number>>;
  /** What did not arrive, and was neither replayed nor dismissed. */
  readonly failed: Readonly<Record<'dead' | 'parked', number>>;
  /** Those asked for, longest waiting first. */
  readonly longest: readonly WaitingLane[];
}

interface WaitingLane {
  readonly lane: string;
  /** Its conversation, as people call it: the channel, or the person; null where that is not known. */
  readonly name: string | null;
  readonly waiting: number;
  readonly held: number;
  readonly inDoubt: number;
  readonly oldestAt: number;
  /** Of the first delivery that no quiet hours hold back; where they hold all, of the first one. */
  readonly state: DeliveryState;
  readonly dueAt: number;
  readonly attempts: number;
  readonly reason: Reason | null;
  /** The first that quiet hours hold back: its route, and until when. */
  readonly firstHeld: { readonly route: string; readonly until: number } | null;
  /** Which instance runs it, and until when that is certain; null where none does, or instances do not share. */
  readonly lease: { readonly owner: string; readonly until: number } | null;
}

/** `limit`: how many of the lanes that wait longest. */
export const backlog: Operation<[limit: number], Backlog> = {
  writes: false,
  long: true,
  async run(connection, limit) {
    const [all = NOTHING] = await connection.rows(total, null);
    const failures = await connection.rows(failed, null);
    const rows = limit === 0 ? [] : await connection.rows(longest, { limit });
    const { pending, sending, held, ...rest } = all;
    const failedIn = (state: 'dead' | 'parked') => failures.find((row) => row.state === state)?.count ?? 0;
    return {
      ...rest,
      byState: { pending, sending, held },
      failed: { dead: failedIn('dead'), parked: failedIn('parked') },
      longest: rows.map(waitingLaneOf),
    };
  },
};

interface Total extends Pick<Backlog, 'lanes' | 'deliveries' | 'oldestAt' | 'oldestPendingAt'> {
  readonly pending: number;
  readonly sending: number;
  readonly held: number;
}

const NOTHING: Total = {
  lanes: 0,
  deliveries: 0,
  oldestAt: null,
  oldestPendingAt: null,
  pending: 0,
  sending: 0,
  held: 0,
};

interface LaneRow extends Omit<WaitingLane, 'name' | 'reason' | 'firstHeld' | 'lease'> {
  /** Of the same delivery as `dueAt`: JSON. */
  readonly target: string;
  /** The name of a channel that its route gives by id. */
  readonly channelName: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly heldRoute: string | null;
  readonly heldUntil: number | null;
  readonly owner: string | null;
  readonly leasedUntil: number | null;
}

function waitingLaneOf({ code, detail, heldRoute: route, heldUntil: until, ...rest }: LaneRow): WaitingLane {
  const { target, channelName, owner, leasedUntil, ...row } = rest;
  const made: Target | NoTarget = JSON.parse(target);
  const firstHeld = route === null || until === null ? null : { route, until };
  const lease = owner === null || leasedUntil === null ? null : { owner, until: leasedUntil };
  return { ...row, name: channelName ?? destinationOf(made), reason: reasonOf(code, detail), firstHeld, lease };
}

/** By its two partial indexes: of a condition that holds for both, SQLite would use neither. */
const WAITING = sql`(
  select seq, lane, state, accepted_at, doubt_since from deliveries where ${UNFINISHED}
  union all
  select seq, lane, state, accepted_at, doubt_since from deliveries where ${HELD}
) as waiting`;

const total = statement<null, Total>(
  () => sql`
    select count(distinct lane) as lanes, count(*) as deliveries, min(accepted_at) as "oldestAt",
      count(case when state = 'pending' then 1 end) as pending,
      count(case when state = 'sending' then 1 end) as sending, count(case when state = 'held' then 1 end) as held,
      min(case when state <> 'held' then accepted_at end) as "oldestPendingAt"
    from ${WAITING}`,
);

const failed = statement<null, { state: 'dead' | 'parked'; count: number }>((_, { db }) =>
  db
    .selectFrom('deliveries')
    .$narrowType<{ state: 'dead' | 'parked' }>()
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where(LISTED)
    .where(NOT_REPLAYED)
    .groupBy('state'),
);

const CHANNEL_LANE = sql.lit(laneOf(''));

const longest = statement<{ limit: number }, LaneRow>(
  (param) => sql`
    select longest.lane, longest.waiting, longest.held, longest.in_doubt as "inDoubt",
      longest.oldest_at as "oldestAt", head.state, head.due_at as "dueAt", head.attempts, head.reason_code as code,
      head.reason as detail, head.target,
      (select name from channels where ${CHANNEL_LANE} || channels.id = longest.lane limit 1) as "channelName",
      first_held.route as "heldRoute", first_held.due_at as "heldUntil",
      lanes.owner, lanes.claimable_at as "leasedUntil"
    from (
      select lane, coalesce(min(case when state <> 'held' then seq end), min(seq)) as head_seq,
        min(case when state = 'held' then seq end) as held_seq, count(*) as waiting,
        count(case when state = 'held' then 1 end) as held, count(doubt_since) as in_doubt,
        min(accepted_at) as oldest_at
      from ${WAITING} group by lane order by oldest_at, lane limit ${param('limit')}
    ) as longest inner join deliveries as head on head.seq = longest.head_seq
    left join deliveries as first_held on first_held.seq = longest.held_seq
    left join lanes on lanes.lane = longest.lane
    order by longest.oldest_at, longest.lane`,
);
