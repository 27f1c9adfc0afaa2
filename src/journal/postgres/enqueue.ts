/**
 * Sees to it that lanes which got something unfinished are claimed. Called last in the transaction that stores it, so
 * that both are there or neither. Each lane's row is locked until the commit: see lease-statements.ts.
 */
import { type Kysely, sql } from 'kysely';
import type { Hooks } from '../operations/hooks.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import { NOW_MS, UNLESS_CLAIMABLE } from './lease-statements.ts';

interface Lanes {
  readonly lanes: readonly string[];
}

/** `channel`: where it is announced that lanes can be claimed. */
export function enqueueWith(db: Kysely<Tables>, channel: string): Hooks['enqueue'] {
  const share = prepare<Lanes, { lane: string; idle: boolean }>((hole) => ({
    compile: () =>
      sql<{ lane: string; idle: boolean }>`
        select lane, claimable_at is null as idle from lanes where lane = any(${hole('lanes')}::text[])
        order by lane for key share`.compile(db),
  }));
  // Announced even where another transaction was faster: whoever heard that one passed over the row, locked by this one.
  const wake = prepare<Lanes>((hole) => ({
    compile: () =>
      sql`
        with woken as (
          insert into lanes (lane, claimable_at)
          select lane, ${sql.raw(NOW_MS)} from unnest(${hole('lanes')}::text[]) as lane order by lane collate "C"
          ${sql.raw(UNLESS_CLAIMABLE)} returning lane)
        select pg_notify(${channel}, '') from (select count(*) from woken) as counted`.compile(db),
  }));
  return async (connection, given) => {
    const lanes = [...new Set(given)];
    if (lanes.length === 0) return;
    const claimable = new Set<string>();
    for (const { lane, idle } of await share.rows(connection, { lanes })) if (!idle) claimable.add(lane);
    const rest = lanes.filter((lane) => !claimable.has(lane));
    if (rest.length > 0) await wake.rows(connection, { lanes: rest });
  };
}
