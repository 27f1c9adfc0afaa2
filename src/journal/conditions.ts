/** In the words of the partial indexes, which are used for no others: literals, not parameters. */
import { type SqlBool, sql } from 'kysely';

/** Index `deliveries_unfinished`. */
export const UNFINISHED = sql<SqlBool>`deliveries.state in ('pending', 'sending')`;

/** Index `deliveries_held`. */
export const HELD = sql<SqlBool>`deliveries.state = 'held'`;

/** Index `deliveries_listed`; with NOT_REPLAYED, `deliveries_refused`. */
export const LISTED = sql<SqlBool>`deliveries.state in ('dead', 'parked')`;

/** What a replay may replace. */
export const REPLAYABLE = sql<SqlBool>`deliveries.state in ('dead', 'parked', 'dismissed')`;

/** Index `deliveries_ended`. */
export const ENDED_IN = sql<SqlBool>`deliveries.state in ('sent', 'merged', 'dead', 'parked')`;

/** A delivery that a replay replaced is counted and listed as what became of the replay. */
export const NOT_REPLAYED = sql<SqlBool>`deliveries.replayed_as is null`;

/**
 * The first row of those that an index on their time finds. Of a plain `min(seq)` SQLite would walk through the table
 * from its beginning instead, past everything that is older.
 */
export const FIRST = sql<number | null>`min(seq + 0)`.as('seq');
