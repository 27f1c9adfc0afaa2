/**
 * Sees to it that lanes which got something unfinished are claimed. Called last in the transaction that stores it, so
 * that both are there or neither. Each lane's row is locked until the commit: see lease-statements.ts.
 */
import { sql } from 'kysely';
import type { Connection } from '../operation.ts';
import { statement } from '../statement.ts';
import { NOW_MS, UNLESS_CLAIMABLE } from './lease-statements.ts';
import { keyText } from './text.ts';

/** `channel`: where it is announced that lanes can be claimed. */
export function enqueueAt(channel: string) {
  return async (connection: Connection, given: readonly string[]): Promise<void> => {
    const lanes = [...new Set(given.map(keyText))];
    if (lanes.length === 0) return;
    const claimable = new Set<string>();
    for (const { lane, idle } of await connection.rows(share, { lanes })) if (!idle) claimable.add(keyText(lane));
    const rest = lanes.filter((lane) => !claimable.has(lane));
    if (rest.length > 0) await connection.rows(wake, { lanes: rest, channel });
  };
}

interface Lanes {
  readonly lanes: readonly string[];
}

const share = statement<Lanes, { lane: string; idle: boolean }>(
  (param) => sql`
    select lane, claimable_at is null as idle from lanes where lane = any(${param('lanes')}::text[])
    order by lane for key share`,
);

/**
 * Announced even where another transaction was faster: an instance that heard the other announcement skipped the row,
 * which this one had locked.
 */
const wake = statement<Lanes & { readonly channel: string }>(
  (param) => sql`
    with woken as (
      insert into lanes (lane, claimable_at)
      select lane, ${sql.raw(NOW_MS)} from unnest(${param('lanes')}::text[]) as lane order by lane collate "C"
      ${sql.raw(UNLESS_CLAIMABLE)} returning lane)
    select pg_notify(${param('channel')}, '') from (select count(*) from woken) as counted`,
);
