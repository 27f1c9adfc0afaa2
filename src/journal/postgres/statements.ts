/** What the lanes' queue runs beside pg-boss: a few statements, on the pool or within a transaction of somebody else. */
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import type { Pool } from 'pg';

/** Runs a statement. The shape is pg-boss's. */
export interface Statements {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

export function onPool(pool: Pick<Pool, 'query'>): Statements {
  return {
    async executeSql(text, values) {
      const result = await pool.query(text, values);
      // Several statements in one text give several results.
      return { rows: Array.isArray(result) ? result.flatMap(({ rows }) => rows) : result.rows };
    },
  };
}

export function onConnection(connection: DatabaseConnection): Statements {
  return {
    async executeSql(text, values = []) {
      const { rows } = await connection.executeQuery(CompiledQuery.raw(text, values));
      return { rows };
    },
  };
}

/** Runs `body` in a transaction: resolves after COMMIT, or rejects with nothing done (or, at COMMIT, not known). */
export async function inTransaction(pool: Pool, body: (statements: Statements) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  // The pool listens to its idle clients only: a connection that breaks while it is ours would end the process.
  client.on('error', ignore);
  const leave = (error?: Error) => {
    client.off('error', ignore);
    client.release(error);
  };
  try {
    await client.query('begin');
    await body(onPool(client));
    await client.query('commit');
  } catch (error) {
    // Closed rather than rolled back: nobody knows what state it is in.
    leave(error instanceof Error ? error : new Error('the transaction failed'));
    throw error;
  }
  leave();
}

function ignore(): void {}
