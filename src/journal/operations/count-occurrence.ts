/** Counts an occurrence for a threshold, and says whether that reached it. */
import type { Threshold, ThresholdHit } from '../../core/delivery.ts';
import type { Connection } from '../operation.ts';
import { type Param, statement, type Target } from '../statement.ts';

/** Events that come together may be stored in another order than they were received in, and a clock may be corrected. */
export const AHEAD_MS = 1000;

interface Occurrence {
  readonly threshold: Threshold;
  readonly at: number;
  readonly eventSeq: number;
}

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
 * Returns what was counted where that is worth a delivery, else null.
 */
export async function countOccurrence(
  connection: Connection,
  { threshold: { key, count, withinMs }, at, eventSeq }: Occurrence,
): Promise<ThresholdHit | null> {
  const span = { key, after: at - withinMs, until: at + AHEAD_MS };
  await connection.changes(store, { key, at, eventSeq });
  if ((await connection.rows(reached, { ...span, skip: count - 1 })).length === 0) return null;
  const before = await connection.rows(reachedBefore, span);
  await connection.changes(remember, { key, at });
  if (before.length > 0) return null;
  const [hit] = await connection.rows(counted, span);
  return hit ?? null;
}

const store = statement<{ key: string; at: number; eventSeq: number }>((param, { db }) =>
  db.insertInto('occurrences').values({ route_key: param.key('key'), at: param('at'), event_seq: param('eventSeq') }),
);

function within<P extends Span>(param: Param<P>, { db }: Target) {
  return db
    .selectFrom('occurrences')
    .where('route_key', '=', param.key('key'))
    .where('at', '>', param('after'))
    .where('at', '<=', param('until'));
}

const reached = statement<Span & { skip: number }>((param, target) =>
  within(param, target).select('at').orderBy('at', 'desc').limit(1).offset(param('skip')),
);

const counted = statement<Span, ThresholdHit>((param, target) =>
  within(param, target).select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('at').as('since')]),
);

const reachedBefore = statement<Span>((param, { db }) =>
  db
    .selectFrom('thresholds')
    .select('over_at')
    .where('route_key', '=', param.key('key'))
    .where('over_at', '>', param('after'))
    .where('over_at', '<=', param('until')),
);

const remember = statement<{ key: string; at: number }>((param, { db }) =>
  db
    .insertInto('thresholds')
    .values({ route_key: param.key('key'), over_at: param('at') })
    .onConflict((conflict) =>
      conflict.column('route_key').doUpdateSet((row) => ({ over_at: row.ref('excluded.over_at') })),
    ),
);
