/** The statements of accept-many.ts. Rows go in as one JSON document, whatever their number: so these are always the same. */
import { sql } from 'kysely';
import type { EventRow, SeenRow } from '../operations/accept.ts';
import { statement } from '../statement.ts';
import { keptText, keyText } from './text.ts';

interface Rows {
  readonly rows: string;
}

type Numbered = { readonly seq: number };

/** Gives those that nobody had, or whose time was over. `rows`: SeenRows, sorted, each key once. */
export const remember = statement<Rows, Pick<SeenRow, 'source' | 'key'>>(
  (param) => sql`
    with given as materialized (
      select * from json_to_recordset(${param('rows')}::json) as given (source text, key text, until bigint, at bigint)
    )
    insert into seen (source, key, expires_at) select source, key, until from given
    on conflict (source, key) do update set expires_at = excluded.expires_at
    where seen.expires_at <= (
      select at from given where given.source = excluded.source and given.key = excluded.key
    )
    returning source, key`,
);

/** Of a row, `n` says its place in the order, `start` (from 1) and `length` where its body is in `bodies`, in bytes. */
export const storeEvents = statement<Rows & { readonly bodies: Uint8Array }, Numbered>(
  (param) => sql`
    insert into events (id, source, topic, subject, envelope, body, received_at, receipt, trace)
    select id, source, topic, subject, envelope, substring(${param('bodies')}::bytea from start for length), received,
      receipt, trace
    from json_to_recordset(${param('rows')}::json) as given (n int, id text, source text, topic text, subject text,
      envelope text, start int, length int, received bigint, receipt text, trace text)
    order by n returning seq`,
);

/** Held until the commit: who counts the same comes after, and sees what was counted here. */
export const lockThresholds = statement<{ readonly keys: readonly string[] }>(
  (param) => sql`
    select pg_advisory_xact_lock(hashtextextended(current_schema() || ' threshold ' || key, 0))
    from unnest(${param('keys')}::text[]) as key`,
);

/** `rows`: DeliveryRows with their place `n`. */
export const storeDeliveries = statement<Rows, Numbered>(
  (param) => sql`
    insert into deliveries (event_seq, lane, route, target, state, attempts, due_at, due_set_at, accepted_at,
      updated_at, attempted_at, storm_count, storm_since, reason_code, reason)
    select event_seq, lane, route, target, state, 0, due, at, at, at, attempted, storm_count, storm_since,
      reason_code, reason
    from json_to_recordset(${param('rows')}::json) as given (n int, event_seq bigint, lane text, route text,
      target text, state text, due bigint, at bigint, attempted bigint, storm_count int, storm_since bigint,
      reason_code text, reason text)
    order by n returning seq`,
);

export const markReported = statement<{ readonly seqs: readonly number[] }>(
  (param) => sql`
    update deliveries set reported = 1 where seq = any(${param('seqs')}::bigint[]) and reported = 0`,
);

/** A number that is none becomes null, which no column takes that needs one. */
export function rowsJson(rows: readonly object[]): string {
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? keptText(value) : value));
}

/** The rows of these events, and their bodies one after the other. */
export function eventRows(events: readonly EventRow[]): Rows & { readonly bodies: Uint8Array } {
  let start = 1;
  const rows = events.map(({ body, id, source, subject, ...row }, n) => {
    const { byteLength: length } = body;
    const keys = { id: keyText(id), source: keyText(source), subject: subject === null ? null : keyText(subject) };
    const placed = { ...row, ...keys, n, start, length };
    start += length;
    return placed;
  });
  return { rows: rowsJson(rows), bodies: Buffer.concat(events.map(({ body }) => body)) };
}
