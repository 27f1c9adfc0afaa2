import { type DatabaseConnection, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { faultPoint } from '../../core/fault-point.ts';
import { type Hole, type Prepared, prepare } from '../prepared.ts';
import type { PruneCursor, PruneRequest } from '../records.ts';
import type { Tables } from '../schema.ts';
import { LISTED, NOT_REPLAYED, UNFINISHED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

type Table = PruneCursor['table'];

/** In this order: an event can go once its deliveries have gone. */
const TABLES: readonly Table[] = [
  'deliveries',
  'attempts',
  'events',
  'seen',
  'cards',
  'occurrences',
  'thresholds',
  'lanes',
  'people',
];

/** Where several instances share the database. */
export interface SweepLocks {
  /** Whether this transaction may sweep: one at a time does. */
  take(connection: DatabaseConnection): Promise<boolean>;
  /**
   * Locks these rows of `lanes`, so that what is being accepted for them is seen by the statement that follows: it
   * has locked them too.
   */
  lockLanes(connection: DatabaseConnection, span: Span): Promise<void>;
}

/** The rows after `after`, up to `through`. */
interface Span {
  readonly after: number;
  readonly through: number;
  readonly limit: number;
  /** ms since the epoch: what is older may go. */
  readonly before: number;
}

type Page = { readonly looked: number; readonly through: number | null };

interface Sweep {
  /** How many rows there are to look at, and the last of them. */
  readonly page: Prepared<Span, Page>;
  readonly remove: Prepared<Span, unknown>;
  /** Finds a row behind `through` that is old enough. Null where nothing tells but walking to the end. */
  readonly older: Prepared<Span, unknown> | null;
}

/**
 * A sweep goes through one table after the other by number, and so past what has to stay, a page at a time. It leaves
 * a table as soon as nothing old is left behind the page, which an index tells even where the clock was set back.
 * A page is one commit. Known limit: the file does not shrink; the room is used again.
 */
export function pruneHandlers(db: Kysely<Tables>, locks: SweepLocks | null): Pick<Handlers, 'prune'> {
  const sweeps = prepareSweeps(db);
  return {
    prune: {
      writes: true,
      async run(connection, request) {
        if (locks !== null && !(await locks.take(connection))) return { removed: 0, next: null };
        const { table, after } = request.resume ?? { table: 'deliveries', after: 0 };
        const { page, remove, older } = sweeps[table];
        const span = { after, through: after, limit: request.limit, before: beforeIn(table, request) };
        const [looked] = await page.rows(connection, span);
        const through = looked?.through ?? null;
        if (looked === undefined || through === null) return { removed: 0, next: followerOf(table) };
        const looking = { ...span, through };
        if (table === 'lanes') await locks?.lockLanes(connection, looking);
        const removed = await remove.changes(connection, looking);
        const full = looked.looked === request.limit;
        const more = full && (older === null || (await older.rows(connection, looking)).length > 0);
        faultPoint('prune.before-commit');
        return { removed, next: more ? { table, after: through } : followerOf(table) };
      },
    },
  };
}

function followerOf(table: Table): PruneCursor | null {
  const follower = TABLES[TABLES.indexOf(table) + 1];
  return follower === undefined ? null : { table: follower, after: 0 };
}

function beforeIn(table: Table, { before, cardsBefore, now }: PruneRequest): number {
  if (table === 'cards') return cardsBefore;
  return table === 'seen' || table === 'people' ? now : before;
}

function prepareSweeps(db: Kysely<Tables>): Readonly<Record<Table, Sweep>> {
  const done = sql<SqlBool>`(deliveries.state in ('sent', 'merged', 'superseded', 'dismissed') or (${LISTED} and not (${NOT_REPLAYED})))`;
  const idle = sql<SqlBool>`not exists (select 1 from deliveries where deliveries.lane = lanes.lane and ${UNFINISHED})`;
  const unused = sql<SqlBool>`not exists (select 1 from deliveries where deliveries.event_seq = events.seq)`;
  const gone = sql<SqlBool>`not exists (select 1 from deliveries where deliveries.seq = attempts.delivery_seq)`;
  return {
    deliveries: {
      page: pageOf(db, 'deliveries'),
      remove: prepare((hole) =>
        db.deleteFrom('deliveries').where(rows(hole)).where('updated_at', '<', hole('before')).where(done),
      ),
      older: prepare((hole) =>
        db
          .selectFrom('deliveries')
          .select('seq')
          .where('accepted_at', '<', hole('before'))
          .where('seq', '>', hole('through'))
          .orderBy('accepted_at', 'desc')
          .limit(1),
      ),
    },
    // Whoever prunes a delivery may not know of its attempts.
    attempts: {
      page: pageOf(db, 'attempts'),
      remove: prepare((hole) => db.deleteFrom('attempts').where(rows(hole)).where(gone)),
      older: null,
    },
    events: {
      page: pageOf(db, 'events'),
      remove: prepare((hole) =>
        db.deleteFrom('events').where(rows(hole)).where('received_at', '<', hole('before')).where(unused),
      ),
      older: prepare((hole) =>
        db
          .selectFrom('events')
          .select('seq')
          .where('received_at', '<', hole('before'))
          .where('seq', '>', hole('through'))
          .orderBy('received_at', 'desc')
          .limit(1),
      ),
    },
    seen: olderThan(db, 'seen', sql`expires_at <=`),
    cards: olderThan(db, 'cards', sql`used_at <`),
    occurrences: olderThan(db, 'occurrences', sql`at <`),
    thresholds: olderThan(db, 'thresholds', sql`over_at <`),
    people: olderThan(db, 'people', sql`until <=`),
    lanes: {
      page: pageOf(db, 'lanes'),
      remove: prepare((hole) =>
        db.deleteFrom('lanes').where(rows(hole)).where('claimed_at', '<', hole('before')).where(idle),
      ),
      older: null,
    },
  };
}

function rows(hole: Hole<Span>) {
  return sql<SqlBool>`seq > ${hole('after')} and seq <= ${hole('through')}`;
}

/** Where nothing but its time decides: `old` compares it with the instant that follows. */
function olderThan(db: Kysely<Tables>, table: Table, old: RawBuilder<unknown>): Sweep {
  const remove = prepare<Span>((hole) => ({
    compile: () => sql`delete from ${sql.table(table)} where ${rows(hole)} and ${old} ${hole('before')}`.compile(db),
  }));
  return { page: pageOf(db, table), remove, older: null };
}

function pageOf(db: Kysely<Tables>, table: Table): Prepared<Span, Page> {
  return prepare((hole) =>
    db
      .selectFrom((from) =>
        from
          .selectFrom(table)
          .select('seq')
          .where('seq', '>', hole('after'))
          .orderBy('seq')
          .limit(hole('limit'))
          .as('page'),
      )
      .select(({ fn }) => [fn.countAll<number>().as('looked'), fn.max<number | null>('seq').as('through')]),
  );
}
