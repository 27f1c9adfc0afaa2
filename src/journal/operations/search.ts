import { type Compilable, type DatabaseConnection, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { EventSearch } from '../inspection.ts';
import type { FoundRow, FoundRows } from '../inspection-rows.ts';
import { laneOf } from '../lane-names.ts';
import { type Hole, prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import { NOT_REPLAYED } from './conditions.ts';
import type { FindText } from './find-text.ts';
import type { Handlers } from './handlers.ts';

/** Null: any. */
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

/** The events in question: those behind `after`, up to `through`. */
interface Span {
  readonly after: number;
  readonly through: number;
}

interface Search extends Filters, Span {
  readonly limit: number;
}

type Looked = { readonly seq: number; readonly received_at: number };

/**
 * Goes through the events by number, newest first, `look` numbers at a time: what is asked for may be anything, and no
 * index would be worth its cost to every webhook. The times that bound it are found through theirs.
 *
 * Known limit: of events that came while the clock was set back, a search by time may leave some out.
 */
export function searchHandlers(db: Kysely<Tables>, findText: FindText): Pick<Handlers, 'search'> {
  // Not before somebody searches: that would hold up every start.
  let prepared: ReturnType<typeof prepareQueries> | null = null;
  const queries = () => {
    prepared ??= prepareQueries(db, findText);
    return prepared;
  };

  async function bounds(connection: DatabaseConnection, query: EventSearch): Promise<Span | null> {
    const { atTheLatest, atTheEarliest, newest } = queries();
    let before = query.before ?? Number.MAX_SAFE_INTEGER;
    let after = 0;
    if (query.until !== undefined) {
      const [last] = await atTheLatest.rows(connection, { until: query.until });
      before = Math.min(before, last === undefined ? 0 : last.seq + 1);
    }
    if (query.since !== undefined) {
      const [first] = await atTheEarliest.rows(connection, { since: query.since });
      if (first === undefined) return null;
      after = first.seq - 1;
    }
    const [top] = await newest.rows(connection, { before });
    return top === undefined || top.seq <= after ? null : { after, through: top.seq };
  }

  return {
    search: {
      writes: false,
      async run(connection, query): Promise<FoundRows> {
        const { found, foundByDelivery, lowest, newest } = queries();
        const span = await bounds(connection, query);
        if (span === null) return { rows: [], last: null, end: true };
        const looked = { through: span.through, after: Math.max(span.after, span.through - query.look) };
        const by = query.state === undefined && query.channel === undefined ? found : foundByDelivery;
        const rows = await by.rows(connection, { ...filtersOf(query, findText), ...looked, limit: query.limit });
        const [last] = await lowest.rows(connection, looked);
        const [behind] = looked.after > span.after ? await newest.rows(connection, { before: looked.after + 1 }) : [];
        return { rows, last: last ?? null, end: behind === undefined || behind.seq <= span.after };
      },
    },
  };
}

function prepareQueries(db: Kysely<Tables>, findText: FindText) {
  return {
    newest: prepare<{ before: number }, { seq: number }>((hole) =>
      db.selectFrom('events').select('seq').where('seq', '<', hole('before')).orderBy('seq', 'desc').limit(1),
    ),
    lowest: prepare<Span, Looked>((hole) =>
      db
        .selectFrom('events')
        .select(['seq', 'received_at'])
        .where('seq', '>', hole('after'))
        .where('seq', '<=', hole('through'))
        .orderBy('seq')
        .limit(1),
    ),
    atTheLatest: prepare<{ until: number }, { seq: number }>((hole) =>
      db
        .selectFrom('events')
        .select('seq')
        .where('received_at', '<=', hole('until'))
        .orderBy('received_at', 'desc')
        .orderBy('seq', 'desc')
        .limit(1),
    ),
    atTheEarliest: prepare<{ since: number }, { seq: number }>((hole) =>
      db
        .selectFrom('events')
        .select('seq')
        .where('received_at', '>=', hole('since'))
        .orderBy('received_at')
        .orderBy('seq')
        .limit(1),
    ),
    found: prepare<Search, FoundRow>((hole) => foundIn(db, hole, conditions(hole, findText))),
    foundByDelivery: prepare<Search, FoundRow>((hole) =>
      foundIn(db, hole, [...conditions(hole, findText), ofDelivery(hole)]),
    ),
  };
}

/** The states are found for each event by itself: what the planner makes of a join depends on what it believes of the tables. */
function foundIn(
  db: Kysely<Tables>,
  hole: Hole<Search>,
  filters: readonly RawBuilder<SqlBool>[],
): Compilable<FoundRow> {
  const statement = sql<FoundRow>`
    select event.*, (
      select string_agg(state, ',') from deliveries where event_seq = event.seq and ${NOT_REPLAYED}
    ) as states from (
      select seq, id, source, topic, subject, received_at from events
      where seq > ${hole('after')} and seq <= ${hole('through')} and ${sql.join(filters, sql` and `)}
      order by seq desc limit ${hole('limit')}
    ) as event order by event.seq desc`;
  return { compile: () => statement.compile(db) };
}

type Optional = 'source' | 'topic' | 'subject' | 'state' | 'channel' | 'text';

function any(hole: Hole<Filters>, name: Optional): RawBuilder<SqlBool> {
  return sql`cast(${hole(name)} as text) is null`;
}

function conditions(hole: Hole<Filters>, findText: FindText): RawBuilder<SqlBool>[] {
  const text = hole('text');
  return [
    sql`(${any(hole, 'source')} or source = ${hole('source')})`,
    sql`(${any(hole, 'topic')} or ${findText.topicLike(hole('topic'))})`,
    sql`(${any(hole, 'subject')} or subject = ${hole('subject')})`,
    sql`received_at >= ${hole('since')} and received_at <= ${hole('until')}`,
    sql`(${any(hole, 'text')} or ${findText.inColumn('id', text)} or ${findText.inColumn('subject', text)}
      or cast(seq as text) = ${text}
      or ${findText.inBody(text)})`,
  ];
}

/** By the index of deliveries by event, in the same span: whatever a planner believes, that is not much. */
function ofDelivery(hole: Hole<Search>): RawBuilder<SqlBool> {
  return sql`seq in (
    select event_seq from deliveries
    where event_seq > ${hole('after')} and event_seq <= ${hole('through')} and ${NOT_REPLAYED}
    and (${any(hole, 'state')} or state = ${hole('state')})
    and (${any(hole, 'channel')} or channel = ${hole('channel')}
      or lane in (${hole('lane')}, ${hole('named')}, ${hole('dm')})))`;
}

function filtersOf(
  { source, topic, subject, state, channel, since, until, text }: EventSearch,
  { patternOf }: FindText,
): Filters {
  return {
    source: source ?? null,
    topic: topic === undefined ? null : patternOf(topic),
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
