/** The statements of accept-many.ts. Rows go in as one JSON document, whatever their number: so these are always the same. */
import { sql } from 'kysely';
import type { EventRow } from '../operations/accept.ts';
import { statement } from '../statement.ts';
import { keptText, keyText } from './text.ts';

interface Rows {
  readonly rows: string;
}

/**
 * Remembers the keys, and stores the events all of whose keys nobody had, or had for too long. Gives these events.
 * `keys`: SeenRows, sorted, each once, with the place `n` of their event, or -1. Of an event, `n` says its place in the
 * order, `start` (from 1) and `length` where its body is in `bodies`, in bytes.
 */
export const storeFresh = statement<Rows & { readonly keys: string; readonly bodies: Uint8Array }, StoredEvent>(
  (param) => sql`
    with keys as materialized (
      select * from json_to_recordset(${param('keys')}::json)
        as given (n int, source text, key text, until bigint, at bigint)
    ), remembered as (
      insert into seen (source, key, expires_at) select source, key, until from keys
      on conflict (source, key) do update set expires_at = excluded.expires_at
      where seen.expires_at <= (
        select at from keys where keys.source = excluded.source and keys.key = excluded.key
      )
      returning source, key
    ), fresh as materialized (
      select n from keys left join remembered using (source, key) where n >= 0
      group by n having bool_and(remembered.key is not null)
    ), stored as (
      insert into events (id, source, topic, subject, envelope, body, received_at, receipt, trace)
      select id, source, topic, subject, envelope, substring(${param('bodies')}::bytea from start for length), received,
        receipt, trace
      from json_to_recordset(${param('rows')}::json) as given (n int, id text, source text, topic text, subject text,
        envelope text, start int, length int, received bigint, receipt text, trace text)
      where n in (select n from fresh) order by n returning seq
    )
    select n, seq from (select n, row_number() over (order by n) as place from fresh) as fresh
    join (select seq, row_number() over (order by seq) as place from stored) as stored using (place) order by n`,
);

interface StoredEvent {
  readonly n: number;
  readonly seq: number;
}

/** Held until the commit: who counts the same comes after, and sees what was counted here. */
export const lockThresholds = statement<{ readonly keys: readonly string[] }>(
  (param) => sql`
    select pg_advisory_xact_lock(hashtextextended(current_schema() || ' threshold ' || key, 0))
    from unnest(${param('keys')}::text[]) as key`,
);

/**
 * Gives the numbers of the deliveries, and those of their lanes that will be claimed: these are locked as in enqueue.ts.
 * `rows`: DeliveryRows with their place `n`.
 */
export const storeDeliveries = statement<Rows, { readonly seq: number; readonly lane: null } | Claimable>(
  (param) => sql`
    with stored as (
      insert into deliveries (event_seq, lane, route, target, state, attempts, due_at, due_set_at, accepted_at,
        updated_at, attempted_at, storm_count, storm_since, reason_code, reason)
      select event_seq, lane, route, target, state, 0, due, at, at, at, attempted, storm_count, storm_since,
        reason_code, reason
      from json_to_recordset(${param('rows')}::json) as given (n int, event_seq bigint, lane text, route text,
        target text, state text, due bigint, at bigint, attempted bigint, storm_count int, storm_since bigint,
        reason_code text, reason text)
      order by n returning seq, lane, state
    ), locked as materialized (
      select lane, claimable_at from lanes
      where lane in (select lane from stored where state in ('pending', 'sending')) order by lane for key share
    )
    select seq, null as lane from stored
    union all select null, lane from locked where claimable_at is not null`,
);

interface Claimable {
  readonly seq: null;
  readonly lane: string;
}

export const markReported = statement<{ readonly seqs: readonly number[] }>(
  (param) => sql`
    update deliveries set reported = 1 where seq = any(${param('seqs')}::bigint[]) and reported = 0`,
);

/** A number that is none becomes null, which no column takes that needs one. */
export function rowsJson(rows: readonly object[]): string {
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? keptText(value) : value));
}

/** The rows of these events, and their bodies one after the other. */
export function eventRows(
  events: readonly (EventRow & { readonly n: number })[],
): Rows & { readonly bodies: Uint8Array } {
  let start = 1;
  const rows = events.map(({ body, id, source, subject, ...row }) => {
    const { byteLength: length } = body;
    const keys = { id: keyText(id), source: keyText(source), subject: subject === null ? null : keyText(subject) };
    const placed = { ...row, ...keys, start, length };
    start += length;
    return placed;
  });
  return { rows: rowsJson(rows), bodies: Buffer.concat(events.map(({ body }) => body)) };
}
