/** Removes a few of the rows that are no longer needed. */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { faultPoint } from '../../core/fault-point.ts';
import { LISTED, NOT_REPLAYED, UNFINISHED } from '../conditions.ts';
import type { LaneSpan, Operation } from '../operation.ts';
import { type Param, type Statement, statement } from '../statement.ts';

export interface PruneRequest {
  /** ms since the epoch: what ended before may go. */
  readonly before: number;
  /** ms since the epoch: cards that were not used since may go, and audit entries from before. */
  readonly cardsBefore: number;
  /** ms since the epoch: now. */
  readonly now: number;
  /** Null begins a sweep; else what the last call gave. */
  readonly resume: PruneCursor | null;
  /** Rows looked at in this call. */
  readonly limit: number;
}

/** In this order: an event can go once its deliveries have gone. */
const TABLES = [
  'deliveries',
  'attempts',
  'events',
  'seen',
  'cards',
  'occurrences',
  'thresholds',
  'lanes',
  'minutes',
  'people',
  'audit',
] as const;

type Table = (typeof TABLES)[number];

/** Where a sweep continues. */
export interface PruneCursor {
  readonly table: Table;
  readonly after: number;
}

interface Pruned {
  readonly removed: number;
  /** Null when the sweep is done, or while another instance sweeps. */
  readonly next: PruneCursor | null;
}

/**
 * Removes deliveries that ended well, events without deliveries, ids that may come again, cards unused for long, what
 * thresholds counted, lanes without work, people to be looked up again, old audit entries. What is unfinished or listed stays, with its
 * event.
 *
 * A sweep goes through one table after the other by number, and so past what has to stay, a page at a time. It leaves
 * a table as soon as nothing old is left behind the page, which an index tells even where the clock was set back.
 * A page is one commit. Known limit: the file does not shrink; the room is used again.
 */
export const prune: Operation<[PruneRequest], Pruned> = {
  writes: true,
  async run(connection, request) {
    const locks = connection.sweepLocks;
    if (locks !== null && !(await locks.take(connection))) return { removed: 0, next: null };
    const { table, after } = request.resume ?? { table: 'deliveries', after: 0 };
    const { page, remove, older } = SWEEPS[table];
    const span = { after, through: after, limit: request.limit, before: beforeIn(table, request) };
    const [looked] = await connection.rows(page, span);
    const through = looked?.through ?? null;
    if (looked === undefined || through === null) return { removed: 0, next: followerOf(table) };
    const looking = { ...span, through };
    if (table === 'lanes') await locks?.lockLanes(connection, looking);
    const removed = await connection.changes(remove, looking);
    const full = looked.looked === request.limit;
    const more = full && (older === null || (await connection.rows(older, looking)).length > 0);
    faultPoint('prune.before-commit');
    return { removed, next: more ? { table, after: through } : followerOf(table) };
  },
};

interface Span extends LaneSpan {
  readonly limit: number;
}

type Page = { readonly looked: number; readonly through: number | null };

interface Sweep {
  /** How many rows there are to look at, and the last of them. */
  readonly page: Statement<Span, Page>;
  readonly remove: Statement<Span, unknown>;
  /** Finds a row behind `through` that is old enough. Null where nothing tells but walking to the end. */
  readonly older: Statement<Span, unknown> | null;
}

function followerOf(table: Table): PruneCursor | null {
  const follower = TABLES[TABLES.indexOf(table) + 1];
  return follower === undefined ? null : { table: follower, after: 0 };
}

function beforeIn(table: Table, { before, cardsBefore, now }: PruneRequest): number {
  if (table === 'cards' || table === 'audit') return cardsBefore;
  return table === 'seen' || table === 'people' ? now : before;
}

const DONE = sql<SqlBool>`(deliveries.state in ('sent', 'merged', 'superseded', 'dismissed')
  or (${LISTED} and not (${NOT_REPLAYED})))`;
const IDLE = sql<SqlBool>`not exists (select 1 from deliveries where deliveries.lane = lanes.lane and ${UNFINISHED})`;
const UNUSED = sql<SqlBool>`not exists (select 1 from deliveries where deliveries.event_seq = events.seq)`;
const ORPHANED = sql<SqlBool>`not exists (select 1 from deliveries where deliveries.seq = attempts.delivery_seq)`;

const SWEEPS: Readonly<Record<Table, Sweep>> = {
  deliveries: {
    page: pageOf('deliveries'),
    remove: statement((param, { db }) =>
      db.deleteFrom('deliveries').where(inSpan(param)).where('updated_at', '<', param('before')).where(DONE),
    ),
    older: statement((param, { db }) =>
      db
        .selectFrom('deliveries')
        .select('seq')
        .where('accepted_at', '<', param('before'))
        .where('seq', '>', param('through'))
        .orderBy('accepted_at', 'desc')
        .limit(1),
    ),
  },
  // A version that knows of no attempts may have pruned their delivery.
  attempts: {
    page: pageOf('attempts'),
    remove: statement((param, { db }) => db.deleteFrom('attempts').where(inSpan(param)).where(ORPHANED)),
    older: null,
  },
  events: {
    page: pageOf('events'),
    remove: statement((param, { db }) =>
      db.deleteFrom('events').where(inSpan(param)).where('received_at', '<', param('before')).where(UNUSED),
    ),
    older: statement((param, { db }) =>
      db
        .selectFrom('events')
        .select('seq')
        .where('received_at', '<', param('before'))
        .where('seq', '>', param('through'))
        .orderBy('received_at', 'desc')
        .limit(1),
    ),
  },
  seen: olderThan('seen', sql`expires_at <=`),
  cards: olderThan('cards', sql`used_at <`),
  occurrences: olderThan('occurrences', sql`at <`),
  thresholds: olderThan('thresholds', sql`over_at <`),
  minutes: olderThan('minutes', sql`at <`),
  people: olderThan('people', sql`until <=`),
  audit: olderThan('audit', sql`at <`),
  lanes: {
    page: pageOf('lanes'),
    remove: statement((param, { db }) =>
      db.deleteFrom('lanes').where(inSpan(param)).where('claimed_at', '<', param('before')).where(IDLE),
    ),
    older: null,
  },
};

function inSpan(param: Param<Span>) {
  return sql<SqlBool>`seq > ${param('after')} and seq <= ${param('through')}`;
}

/** A table in which nothing but a row's time decides: `old` compares it with the instant that follows. */
function olderThan(table: Table, old: RawBuilder<unknown>): Sweep {
  const remove = statement<Span>(
    (param) => sql`delete from ${sql.table(table)} where ${inSpan(param)} and ${old} ${param('before')}`,
  );
  return { page: pageOf(table), remove, older: null };
}

function pageOf(table: Table): Statement<Span, Page> {
  return statement((param, { db }) =>
    db
      .selectFrom((from) =>
        from
          .selectFrom(table)
          .select('seq')
          .where('seq', '>', param('after'))
          .orderBy('seq')
          .limit(param('limit'))
          .as('page'),
      )
      .select(({ fn }) => [fn.countAll<number>().as('looked'), fn.max<number | null>('seq').as('through')]),
  );
}
