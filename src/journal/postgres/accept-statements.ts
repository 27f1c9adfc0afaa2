/** The statements of accept-many.ts. Rows go in as one JSON document, whatever their number: so these are always the same. */
import { type Compilable, type Kysely, type RawBuilder, sql } from 'kysely';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { Entry } from '../store.ts';
import { keptText } from './text.ts';

/** `n` orders them. */
interface NewEvent extends Pick<Entry, 'id' | 'source' | 'topic' | 'subject' | 'envelope' | 'receipt' | 'trace'> {
  readonly n: number;
  readonly received: number;
  /** Where its body stands in `bodies`, from 1, in bytes. */
  readonly start: number;
  readonly length: number;
}

export interface NewDelivery {
  readonly n: number;
  readonly event_seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: string;
  readonly state: string;
  readonly due: number;
  readonly at: number;
  readonly attempted: number | null;
  readonly storm_count: number | null;
  readonly storm_since: number | null;
  readonly reason_code: string | null;
  readonly reason: string | null;
}

interface Rows {
  readonly rows: string;
}

type Numbered = { readonly seq: number };

export function acceptStatements(db: Kysely<Tables>) {
  const raw = <Row>(statement: RawBuilder<Row>): Compilable<Row> => ({ compile: () => statement.compile(db) });
  return {
    /** Gives those that nobody had, or whose time was over. `rows`: sorted, each key once. */
    remember: prepare<Rows, Pick<Entry, 'source' | 'key'>>((hole) =>
      raw(sql`
        with given as materialized (
          select * from json_to_recordset(${hole('rows')}::json) as given (source text, key text, until bigint, at bigint)
        )
        insert into seen (source, key, expires_at) select source, key, until from given
        on conflict (source, key) do update set expires_at = excluded.expires_at
        where seen.expires_at <= (
          select at from given where given.source = excluded.source and given.key = excluded.key
        )
        returning source, key`),
    ),
    storeEvents: prepare<Rows & { readonly bodies: Uint8Array }, Numbered>((hole) =>
      raw(sql`
        insert into events (id, source, topic, subject, envelope, body, received_at, receipt, trace)
        select id, source, topic, subject, envelope, substring(${hole('bodies')}::bytea from start for length), received,
          receipt, trace
        from json_to_recordset(${hole('rows')}::json) as given (n int, id text, source text, topic text, subject text,
          envelope text, start int, length int, received bigint, receipt text, trace text)
        order by n returning seq`),
    ),
    /** Held until the commit: who counts the same comes after, and sees what was counted here. */
    lockThresholds: prepare<{ readonly keys: readonly string[] }>((hole) =>
      raw(sql`
        select pg_advisory_xact_lock(hashtextextended(current_schema() || ' threshold ' || key, 0))
        from unnest(${hole('keys')}::text[]) as key`),
    ),
    storeDeliveries: prepare<Rows, Numbered>((hole) =>
      raw(sql`
        insert into deliveries (event_seq, lane, route, target, state, attempts, due_at, due_set_at, accepted_at,
          updated_at, attempted_at, storm_count, storm_since, reason_code, reason)
        select event_seq, lane, route, target, state, 0, due, at, at, at, attempted, storm_count, storm_since,
          reason_code, reason
        from json_to_recordset(${hole('rows')}::json) as given (n int, event_seq bigint, lane text, route text,
          target text, state text, due bigint, at bigint, attempted bigint, storm_count int, storm_since bigint,
          reason_code text, reason text)
        order by n returning seq`),
    ),
    markReported: prepare<{ readonly seqs: readonly number[] }>((hole) =>
      raw(sql`
        update deliveries set reported = 1 where seq = any(${hole('seqs')}::bigint[]) and reported = 0`),
    ),
  };
}

/** A number that is none becomes null, which no column takes that needs one. */
export function rowsJson(rows: readonly object[]): string {
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? keptText(value) : value));
}

/** The rows of these events, and their bodies one after the other. */
export function eventRows(entries: readonly Entry[]): Rows & { readonly bodies: Uint8Array } {
  let start = 1;
  const rows = entries.map((entry, n): NewEvent => {
    const { id, source, topic, subject, envelope, receivedAt: received, receipt, trace } = entry;
    const { byteLength: length } = entry.body;
    const row = { n, id, source, topic, subject, envelope, received, start, length, receipt, trace };
    start += length;
    return row;
  });
  return { rows: rowsJson(rows), bodies: Buffer.concat(entries.map(({ body }) => body)) };
}
