import type { DatabaseConnection } from 'kysely';

/**
 * Sees to it that lanes which got something unfinished will be claimed. Called last in the transaction that stores it,
 * so that both are there or neither; `connection` is that transaction's.
 *
 * Each lane's row in `lanes` is there afterwards and locked FOR SHARE until the commit: whoever claims a lane writes
 * that row first, and reads what this transaction stored.
 */
export type Enqueue = (connection: DatabaseConnection, lanes: readonly string[]) => Promise<void>;
