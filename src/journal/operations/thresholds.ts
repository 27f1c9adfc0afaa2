import type { DatabaseConnection, Kysely } from 'kysely';
import type { Storm, Threshold } from '../../core/delivery.ts';
import { type Hole, prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';

/** Events that come together may be stored in another order than they were received in, and a clock may be corrected. */
export const AHEAD_MS = 1000;

interface Occurrence {
  readonly threshold: Threshold;
  readonly at: number;
  readonly eventSeq: number;
}

/** Counts an occurrence. What was counted, where that is worth a delivery; else null. */
export type CountOccurrence = (connection: DatabaseConnection, occurrence: Occurrence) => Promise<Storm | null>;

/** What counts: later than `after`, up to `until`. */
interface Span {
  readonly key: string;
  readonly after: number;
  readonly until: number;
}

/**
 * A threshold is reached when its window holds so many occurrences, and worth a delivery when it was not reached
 * within the window before. What is further ahead than AHEAD_MS was stored by a clock that was wrong, and counts for
 * nothing until its time comes: so a clock that steps back makes no threshold silent.
 *
 * Whether it is reached costs as many index entries as the threshold has; only a delivery takes counting all of them.
 */
export function countOccurrenceWith(db: Kysely<Tables>): CountOccurrence {
  const { store, reached, reachedBefore, remember, counted } = prepareQueries(db);
  return async (connection, { threshold: { key, count, withinMs }, at, eventSeq }) => {
    const span = { key, after: at - withinMs, until: at + AHEAD_MS };
    await store.changes(connection, { key, at, eventSeq });
    if ((await reached.rows(connection, { ...span, skip: count - 1 })).length === 0) return null;
    const told = await reachedBefore.rows(connection, span);
    await remember.changes(connection, { key, at });
    if (told.length > 0) return null;
    const [storm] = await counted.rows(connection, span);
    return storm ?? null;
  };
}

function prepareQueries(db: Kysely<Tables>) {
  const within = (hole: Hole<Span>) =>
    db
      .selectFrom('occurrences')
      .where('route_key', '=', hole('key'))
      .where('at', '>', hole('after'))
      .where('at', '<=', hole('until'));
  return {
    store: prepare<{ key: string; at: number; eventSeq: number }>((hole) =>
      db.insertInto('occurrences').values({ route_key: hole('key'), at: hole('at'), event_seq: hole('eventSeq') }),
    ),
    reached: prepare<Span & { skip: number }>((hole) =>
      within(hole).select('at').orderBy('at', 'desc').limit(1).offset(hole('skip')),
    ),
    counted: prepare<Span, Storm>((hole) =>
      within(hole).select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('at').as('since')]),
    ),
    reachedBefore: prepare<Span>((hole) =>
      db
        .selectFrom('thresholds')
        .select('over_at')
        .where('route_key', '=', hole('key'))
        .where('over_at', '>', hole('after'))
        .where('over_at', '<=', hole('until')),
    ),
    remember: prepare<{ key: string; at: number }>((hole) =>
      db
        .insertInto('thresholds')
        .values({ route_key: hole('key'), over_at: hole('at') })
        .onConflict((conflict) =>
          conflict.column('route_key').doUpdateSet((row) => ({ over_at: row.ref('excluded.over_at') })),
        ),
    ),
  };
}
