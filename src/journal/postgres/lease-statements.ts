/**
 * The statements by which instances lease lanes. A row of `lanes` says what there is to know about a lane:
 *
 *   claimable_at  owner   the lane
 *   null          null    has nothing to do
 *   a time        null    can be claimed from then on
 *   a time        set     is leased to its owner until then; afterwards others can claim it
 *
 * No wake-up is lost. A transaction that stores something for a lane locks its row FOR KEY SHARE until the commit, and
 * sets a time where there is none (enqueue.ts). An owner that found its lane empty takes the time away only under FOR
 * UPDATE: every transaction that relied on the time has been committed by then, and the statement that follows the lock
 * sees what it stored. Claims and renewals wait for no such transaction, nor it for them.
 *
 * Rows are locked in the order of the lanes' names, except by claims, which pass over what is locked.
 */
import type { Pool, PoolClient } from 'pg';
import type { Claim } from '../cluster.ts';

/** An instance that renews nothing for so long loses its lanes. */
const LEASE_MS = 10_000;

/** ms since the epoch by the database's clock, as the statement began. */
export const NOW_MS = '(extract(epoch from statement_timestamp()) * 1000)::bigint';

/** Ends an insert into `lanes`: those that have something to do already stay as they are. */
export const UNLESS_CLAIMABLE =
  'on conflict (lane) do update set claimable_at = excluded.claimable_at where lanes.claimable_at is null';

export interface Release {
  readonly lane: string;
  /** As in Leaving, in whole ms. */
  readonly againInMs: number | null;
  /** As in Leaving, in whole ms; null: as it was. */
  readonly pacedUntil: number | null;
}

export interface LeaseStatements {
  /** Those that can be claimed for longest; none of `except`. */
  claim(limit: number, except: readonly string[]): Promise<readonly Claim[]>;
  /** Those of the lanes that are still ours; their lease is extended. */
  renew(lanes: readonly string[]): Promise<ReadonlySet<string>>;
  /** Of those that are still ours. Announces what can be claimed at once. */
  release(releases: readonly Release[]): Promise<void>;
  /** Lanes with something unfinished that nobody would claim. */
  sweep(): Promise<void>;
}

interface LeaseParts {
  readonly pool: Pool;
  readonly instance: string;
  /** Where it is announced that lanes can be claimed. */
  readonly channel: string;
}

type Lane = { readonly lane: string };

export function leaseStatements({ pool, instance, channel }: LeaseParts): LeaseStatements {
  return {
    async claim(limit, except) {
      const { rows } = await pool.query<Lane & { paced_until: number }>({
        ...CLAIM,
        values: [instance, limit, except],
      });
      return rows.map(({ lane, paced_until: pacedUntil }) => ({ lane, pacedUntil }));
    },
    async renew(lanes) {
      const { rows } = await pool.query<Lane>({ ...RENEW, values: [instance, lanes] });
      return new Set(rows.map(({ lane }) => lane));
    },
    release: (releases) =>
      inTransaction(pool, async (client) => {
        const lanes = releases.map(({ lane }) => lane);
        const again = releases.map(({ againInMs }) => againInMs);
        const paced = releases.map(({ pacedUntil }) => pacedUntil);
        await client.query(LOCK, [instance, lanes]);
        await client.query(RELEASE, [instance, lanes, again, paced, channel]);
      }),
    async sweep() {
      await pool.query(SWEEP, [channel]);
    },
  };
}

const CLAIM = {
  name: 'claim lanes',
  text: `
  with free as materialized (
    select lane from lanes where claimable_at <= ${NOW_MS} and lane <> all($3::text[])
    order by claimable_at limit $2 for no key update skip locked)
  update lanes set owner = $1, claimable_at = ${NOW_MS} + ${LEASE_MS}, claimed_at = ${NOW_MS}
  from free where lanes.lane = free.lane returning lanes.lane, paced_until`,
};

const RENEW = {
  name: 'renew leases',
  text: `
  with ours as materialized (
    select lane from lanes where owner = $1 and lane = any($2::text[]) order by lane for no key update)
  update lanes set claimable_at = ${NOW_MS} + ${LEASE_MS} from ours where lanes.lane = ours.lane returning lanes.lane`,
};

const UNFINISHED = `state in ('pending', 'sending')`;

const LOCK = 'select from lanes where owner = $1 and lane = any($2::text[]) order by lane for update';

const RELEASE = `
  with released as (
    update lanes set owner = null, paced_until = coalesce(given.paced, paced_until),
      claimable_at = case
        when given.again is not null then ${NOW_MS} + given.again
        when exists (select from deliveries where deliveries.lane = lanes.lane and ${UNFINISHED}) then ${NOW_MS} end
    from unnest($2::text[], $3::bigint[], $4::bigint[]) as given (lane, again, paced)
    where lanes.lane = given.lane and lanes.owner = $1
    returning claimable_at)
  select pg_notify($5, '') from released where claimable_at <= ${NOW_MS} limit 1`;

/** From lane to lane by the index of what is unfinished, however much there is in each. */
const SWEEP = `
  with recursive found (lane) as (
    (select lane from deliveries where ${UNFINISHED} order by lane limit 1)
    union all
    select (select next.lane from deliveries as next where ${UNFINISHED} and next.lane > found.lane
      order by next.lane limit 1)
    from found where found.lane is not null),
  swept as (
    insert into lanes (lane, claimable_at)
    select found.lane, ${NOW_MS} from found left join lanes using (lane)
    where found.lane is not null and lanes.claimable_at is null order by found.lane
    ${UNLESS_CLAIMABLE} returning lane)
  select pg_notify($1, '') from swept limit 1`;

/** Resolves after COMMIT, or rejects with nothing done (or, at COMMIT, not known). */
async function inTransaction(pool: Pool, body: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await body(client);
    await client.query('commit');
    client.release();
  } catch (error) {
    // Closed rather than rolled back: nobody knows what state it is in.
    client.release(true);
    throw error;
  }
}
