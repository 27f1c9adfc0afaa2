import { type Kysely, type SqlBool, sql } from 'kysely';
import { faultPoint } from '../../core/fault-point.ts';
import type { PruneCursor, PruneRequest } from '../journal.ts';
import { type Hole, type Prepared, prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import { LISTED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

type Table = PruneCursor['table'];

/** In this order: an event can go once its deliveries have gone. */
const TABLES: readonly Table[] = ['deliveries', 'events', 'seen', 'cards', 'occurrences', 'thresholds'];

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
export function pruneHandlers(db: Kysely<Tables>): Pick<Handlers, 'prune'> {
  const sweeps = prepareSweeps(db);
  return {
    prune: {
      writes: true,
      async run(connection, request) {
        const { table, after } = request.resume ?? { table: 'deliveries', after: 0 };
        const { page, remove, older } = sweeps[table];
        const span = { after, through: after, limit: request.limit, before: beforeIn(table, request) };
        const [looked] = await page.rows(connection, span);
        const through = looked?.through ?? null;
        if (looked === undefined || through === null) return { removed: 0, next: followerOf(table) };
        const looking = { ...span, through };
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
  return table === 'seen' ? now : before;
}

function prepareSweeps(db: Kysely<Tables>): Readonly<Record<Table, Sweep>> {
  const rows = (hole: Hole<Span>) => sql<SqlBool>`seq > ${hole('after')} and seq <= ${hole('through')}`;
  const done = sql<SqlBool>`(deliveries.state in ('sent', 'merged', 'superseded') or (${LISTED} and replayed_as is not null))`;
  const unused = sql<SqlBool>`not exists (select 1 from deliveries where deliveries.event_seq = events.seq)`;
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
    seen: {
      page: pageOf(db, 'seen'),
      remove: prepare((hole) => db.deleteFrom('seen').where(rows(hole)).where('expires_at', '<=', hole('before'))),
      older: null,
    },
    cards: {
      page: pageOf(db, 'cards'),
      remove: prepare((hole) => db.deleteFrom('cards').where(rows(hole)).where('used_at', '<', hole('before'))),
      older: null,
    },
    occurrences: {
      page: pageOf(db, 'occurrences'),
      remove: prepare((hole) => db.deleteFrom('occurrences').where(rows(hole)).where('at', '<', hole('before'))),
      older: null,
    },
    thresholds: {
      page: pageOf(db, 'thresholds'),
      remove: prepare((hole) => db.deleteFrom('thresholds').where(rows(hole)).where('over_at', '<', hole('before'))),
      older: null,
    },
  };
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
