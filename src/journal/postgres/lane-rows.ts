/**
 * The `lanes` table, as far as claiming goes, and what is unfinished in which lane.
 *
 * A lane's row settles two races:
 * - A lost wake-up. Where a lane has a job waiting, an accepting transaction adds none. Were that job fetched, and the
 *   lane found empty, before the transaction commits, nobody would look again. So it locks the row FOR SHARE before it
 *   adds the job, and whoever fetched the job writes the row before he reads the lane: he waits for the commit.
 * - A late record. `owner` is who claimed the lane last; records are refused to everybody else.
 *
 * Rows are locked in the order of their names, before any job.
 */

import { z } from 'zod';
import type { Job, NewJob } from './job-queue.ts';
import { jobSchema, QUEUE } from './job-queue.ts';
import type { Statements } from './statements.ts';

export interface LaneRows {
  /** Makes rows that are not there. */
  make(db: Statements, lanes: readonly string[]): Promise<void>;
  /** Locks rows until the transaction ends; the lanes that have one. */
  share(db: Statements, lanes: readonly string[]): Promise<readonly string[]>;
  /** We own the lanes of these jobs from now on: those of them that are still at this attempt. */
  own(db: Statements, jobs: readonly Job[], at: number): Promise<readonly { lane: string; pacedUntil: number }[]>;
  /** Where we are the owner still. Locks the rows. */
  pace(db: Statements, lanes: readonly { lane: string; pacedUntil: number | null }[]): Promise<void>;
  /** Those with something unfinished and no job. */
  forgotten(db: Statements): Promise<readonly NewJob[]>;
  /** Tells everybody where one of these lanes has a job waiting: it was passed over while the lane was held. */
  announce(db: Statements, channel: string, lanes: readonly string[]): Promise<void>;
}

const LANES = z.array(z.object({ lane: z.string() }));
const OWNED = z.array(z.object({ lane: z.string(), paced_until: z.number() }));

export function laneRows(schema: string, instance: string): LaneRows {
  const sql = texts(schema);
  const lanesOf = async (db: Statements, text: string, values: unknown[]) =>
    LANES.parse((await db.executeSql(text, values)).rows).map(({ lane }) => lane);
  return {
    async make(db, lanes) {
      await db.executeSql(sql.make, [lanes]);
    },
    share: (db, lanes) => lanesOf(db, sql.share, [lanes]),
    async own(db, jobs, at) {
      const attempts = jobs.map(({ id, retryCount }) => `${id}:${retryCount}`);
      const { rows } = await db.executeSql(sql.own, [instance, at, jobs.map(({ id }) => id), attempts]);
      return OWNED.parse(rows).map(({ lane, paced_until: pacedUntil }) => ({ lane, pacedUntil }));
    },
    async pace(db, lanes) {
      await db.executeSql(sql.pace, [
        lanes.map(({ lane }) => lane),
        lanes.map(({ pacedUntil }) => pacedUntil),
        instance,
      ]);
    },
    async forgotten(db) {
      const lanes = await lanesOf(db, sql.forgotten, []);
      return lanes.map((lane) => ({ lane, afterMs: 0 }));
    },
    async announce(db, channel, lanes) {
      await db.executeSql(sql.announce, [channel, lanes]);
    },
  };
}

function texts(schema: string) {
  const lanes = `"${schema}".lanes`;
  const deliveries = `"${schema}".deliveries`;
  const jobs = `${jobSchema(schema)}.job`;
  const unfinished = `state in ('pending', 'sending')`;
  return {
    make: `insert into ${lanes} (lane) select lane from unnest($1::text[]) as lane order by lane collate "C"
      on conflict do nothing`,
    share: `select lane from ${lanes} where lane = any($1::text[]) order by lane collate "C" for share`,
    own: `insert into ${lanes} (lane, owner, claimed_at) select singleton_key, $1::text, $2::bigint from ${jobs}
      where name = '${QUEUE}' and id = any($3::uuid[]) and state = 'active'
        and id::text || ':' || retry_count::text = any($4::text[])
      order by singleton_key collate "C"
      on conflict (lane) do update set owner = excluded.owner, claimed_at = excluded.claimed_at
      returning lane, paced_until::float8 as paced_until`,
    pace: `with ours as materialized (
        select lane from ${lanes} where lane = any($1::text[]) and owner = $3::text order by lane collate "C" for no key update)
      update ${lanes} as target set paced_until = coalesce(given.paced_until, target.paced_until)
      from unnest($1::text[], $2::bigint[]) as given (lane, paced_until) join ours using (lane)
      where target.lane = ours.lane`,
    // From lane to lane by the index of what is unfinished, however much there is in each.
    forgotten: `with recursive found (lane) as (
        (select lane from ${deliveries} where ${unfinished} order by lane limit 1)
        union all
        select (select next.lane from ${deliveries} as next where ${unfinished} and next.lane > found.lane
                order by next.lane limit 1)
        from found where found.lane is not null)
      select lane from found where lane is not null and lane not in (
        select singleton_key from ${jobs}
        where name = '${QUEUE}' and state in ('created', 'retry', 'active') and singleton_key is not null)`,
    announce: `select pg_notify($1::text, '${QUEUE}') from (
        select 1 from ${jobs} where name = '${QUEUE}' and state in ('created', 'retry') and start_after <= now()
          and singleton_key = any($2::text[]) limit 1) as waiting`,
  };
}
