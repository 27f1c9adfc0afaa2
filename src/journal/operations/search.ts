/** Searches events. */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { DELIVERY_STATES, type DeliveryState } from '../../core/delivery.ts';
import { NOT_REPLAYED } from '../conditions.ts';
import { laneOf } from '../lane-names.ts';
import type { Connection, Operation } from '../operation.ts';
import { type Param, statement, type Target } from '../statement.ts';
import { titlesOf } from '../titles.ts';

/** Which events. All conditions given must hold. Times are ms since the epoch. */
export interface EventSearch {
  readonly source?: string | undefined;
  /** `*` stands for any run of characters, as in a route's `on`. */
  readonly topic?: string | undefined;
  readonly subject?: string | undefined;
  /** With a delivery in this state; with `channel`, the same delivery. */
  readonly state?: DeliveryState | undefined;
  /** With a delivery there: a channel as a route names it, its id, or the id of a DM's reader. */
  readonly channel?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** In the id, the subject, or the beginning of the body; the case of ASCII letters does not matter. */
  readonly text?: string | undefined;
  /** Only events before this one: newest first. */
  readonly before?: number | undefined;
  readonly limit: number;
  /** Events looked at in this call. */
  readonly look: number;
}

export interface FoundEvent {
  readonly seq: number;
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly receivedAt: number;
  /** As `eventTitle` has it. */
  readonly title: string | null;
  /** How many deliveries are in which state. */
  readonly states: Partial<Record<DeliveryState, number>>;
}

export interface FoundEvents {
  /** Newest first. */
  readonly events: readonly FoundEvent[];
  /** The `before` of the next page; null at the end. */
  readonly next: number | null;
  /** When the last event that was looked at was received; null where none was. */
  readonly lookedUntil: number | null;
}

/**
 * Goes through the events by number, newest first, `look` numbers at a time: what is asked for may be anything, and no
 * index would be worth its cost to every webhook. The times that bound it are found through theirs.
 *
 * Known limit: of events that came while the clock was set back, a search by time may leave some out.
 */
export const search: Operation<[EventSearch], FoundEvents> = {
  writes: false,
  long: true,
  async run(connection, query) {
    const span = await boundsOf(connection, query);
    if (span === null) return { events: [], next: null, lookedUntil: null };
    const looked = { through: span.through, after: Math.max(span.after, span.through - query.look) };
    const by = query.state === undefined && query.channel === undefined ? found : foundByDelivery;
    const rows = await connection.rows(by, { ...filtersOf(query), ...looked, limit: query.limit });
    const [last] = await connection.rows(lowest, looked);
    const [behind] = looked.after > span.after ? await connection.rows(newest, { before: looked.after + 1 }) : [];
    const titles = await titlesOf(
      connection,
      rows.map(({ seq }) => seq),
    );
    const events = rows.map((row) => foundEventOf(row, titles.get(row.seq) ?? null));
    return foundEventsOf(events, { last, end: behind === undefined || behind.seq <= span.after, limit: query.limit });
  },
};

async function boundsOf(connection: Connection, query: EventSearch): Promise<Span | null> {
  let before = query.before ?? Number.MAX_SAFE_INTEGER;
  let after = 0;
  if (query.until !== undefined) {
    const [last] = await connection.rows(atTheLatest, { until: query.until });
    before = Math.min(before, last === undefined ? 0 : last.seq + 1);
  }
  if (query.since !== undefined) {
    const [first] = await connection.rows(atTheEarliest, { since: query.since });
    if (first === undefined) return null;
    after = first.seq - 1;
  }
  const [top] = await connection.rows(newest, { before });
  return top === undefined || top.seq <= after ? null : { after, through: top.seq };
}

interface Looked {
  /** The last event that was looked at, the newest being the first; undefined: there was none. */
  readonly last: { readonly seq: number; readonly received_at: number } | undefined;
  /** There is nothing behind it. */
  readonly end: boolean;
  readonly limit: number;
}

function foundEventsOf(events: readonly FoundEvent[], { last, end, limit }: Looked): FoundEvents {
  const lowestFound = events.at(-1);
  // Full before the end of what was looked at: what is behind the last of them has not been shown.
  if (lowestFound !== undefined && events.length === limit) {
    const over = end && lowestFound.seq === last?.seq;
    return { events, next: over ? null : lowestFound.seq, lookedUntil: lowestFound.receivedAt };
  }
  return { events, next: end ? null : (last?.seq ?? null), lookedUntil: last?.received_at ?? null };
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly received_at: number;
  /** Of each of its deliveries, with commas between; null without any. */
  readonly states: string | null;
}

function foundEventOf(row: Row, title: string | null): FoundEvent {
  const { seq, id, source, topic, subject, received_at: receivedAt } = row;
  const found = row.states?.split(',') ?? [];
  const states: FoundEvent['states'] = {};
  for (const state of DELIVERY_STATES) {
    const count = found.filter((one) => one === state).length;
    if (count > 0) states[state] = count;
  }
  return { seq, id, source, topic, subject, receivedAt, title, states };
}

/** Null matches everything. */
interface Filters {
  readonly source: string | null;
  readonly topic: string | null;
  readonly subject: string | null;
  readonly state: string | null;
  /** As it is written, and as a lane: of a channel, of one whose # was left out, of direct messages. */
  readonly channel: string | null;
  readonly lane: string;
  readonly named: string;
  readonly dm: string;
  readonly since: number;
  readonly until: number;
  readonly text: string | null;
}

function filtersOf({ source, topic, subject, state, channel, since, until, text }: EventSearch): Filters {
  return {
    source: source ?? null,
    topic: topic ?? null,
    subject: subject ?? null,
    state: state ?? null,
    channel: channel ?? null,
    lane: laneOf(channel ?? ''),
    named: laneOf(`#${channel ?? ''}`),
    dm: `dm:${channel ?? ''}`,
    since: since ?? 0,
    until: until ?? Number.MAX_SAFE_INTEGER,
    // As the databases do it: ASCII alone.
    text: text?.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) ?? null,
  };
}

/** The events in question: those behind `after`, up to `through`. */
interface Span {
  readonly after: number;
  readonly through: number;
}

interface Search extends Filters, Span {
  readonly limit: number;
}

type Seq = { readonly seq: number };

const newest = statement<{ before: number }, Seq>((param, { db }) =>
  db.selectFrom('events').select('seq').where('seq', '<', param('before')).orderBy('seq', 'desc').limit(1),
);

const lowest = statement<Span, Seq & { received_at: number }>((param, { db }) =>
  db
    .selectFrom('events')
    .select(['seq', 'received_at'])
    .where('seq', '>', param('after'))
    .where('seq', '<=', param('through'))
    .orderBy('seq')
    .limit(1),
);

const atTheLatest = statement<{ until: number }, Seq>((param, { db }) =>
  db
    .selectFrom('events')
    .select('seq')
    .where('received_at', '<=', param('until'))
    .orderBy('received_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(1),
);

const atTheEarliest = statement<{ since: number }, Seq>((param, { db }) =>
  db
    .selectFrom('events')
    .select('seq')
    .where('received_at', '>=', param('since'))
    .orderBy('received_at')
    .orderBy('seq')
    .limit(1),
);

const found = statement<Search, Row>((param, target) => foundIn(param, conditions(param, target)));

const foundByDelivery = statement<Search, Row>((param, target) =>
  foundIn(param, [...conditions(param, target), ofDelivery(param)]),
);

/** The states are looked up per event: what a planner makes of a join depends on what it believes of the tables. */
function foundIn(param: Param<Search>, filters: readonly RawBuilder<SqlBool>[]): RawBuilder<Row> {
  return sql`
    select event.*, (
      select string_agg(state, ',') from deliveries where event_seq = event.seq and ${NOT_REPLAYED}
    ) as states from (
      select seq, id, source, topic, subject, received_at from events
      where seq > ${param('after')} and seq <= ${param('through')} and ${sql.join(filters, sql` and `)}
      order by seq desc limit ${param('limit')}
    ) as event order by event.seq desc`;
}

function any(param: Param<Search>, name: 'source' | 'topic' | 'subject' | 'state' | 'channel' | 'text') {
  return sql<SqlBool>`cast(${param(name)} as text) is null`;
}

function conditions(param: Param<Search>, { findText }: Target): RawBuilder<SqlBool>[] {
  const text = param('text');
  return [
    sql`(${any(param, 'source')} or source = ${param.key('source')})`,
    sql`(${any(param, 'topic')} or ${findText.topicLike(param.as('topic', findText.patternOf))})`,
    sql`(${any(param, 'subject')} or subject = ${param.key('subject')})`,
    sql`received_at >= ${param('since')} and received_at <= ${param('until')}`,
    sql`(${any(param, 'text')} or ${findText.inColumn('id', text)} or ${findText.inColumn('subject', text)}
      or cast(seq as text) = ${text}
      or ${findText.inBody(text)})`,
  ];
}

/** By the index of deliveries by event, in the same span: whatever a planner believes, that is not much. */
function ofDelivery(param: Param<Search>): RawBuilder<SqlBool> {
  return sql`seq in (
    select event_seq from deliveries
    where event_seq > ${param('after')} and event_seq <= ${param('through')} and ${NOT_REPLAYED}
    and (${any(param, 'state')} or state = ${param('state')})
    and (${any(param, 'channel')} or channel = ${param('channel')}
      or lane in (${param('lane')}, ${param('named')}, ${param('dm')})))`;
}
