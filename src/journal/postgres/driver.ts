/**
 * Kysely over a pool of `pg`. Kysely's own driver prepares no statements, and keeps a connection of which nobody knows
 * what it is doing.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type pg from 'pg';
import { isPrepared } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import { givenText, keptText } from './text.ts';

/** The pool is its owner's to close. */
export function postgresDatabase(pool: pg.Pool): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PoolDriver(pool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}

class PoolDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #names = new Map<string, string>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PooledConnection> {
    return new PooledConnection(await this.#pool.connect(), (sql) => this.#nameOf(sql));
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(connection: PooledConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {}

  /** The journal's own statements are a fixed set: each connection parses and plans them once. */
  #nameOf(sql: string): string {
    const known = this.#names.get(sql);
    if (known !== undefined) return known;
    const name = `s${this.#names.size + 1}`;
    this.#names.set(sql, name);
    return name;
  }
}

class PooledConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #nameOf: (sql: string) => string;
  #broken = false;

  constructor(client: pg.PoolClient, nameOf: (sql: string) => string) {
    this.#client = client;
    this.#nameOf = nameOf;
  }

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    const own = isPrepared(compiled);
    try {
      const { command, rowCount, rows } = await this.#client.query<Record<string, unknown>>({
        text: compiled.sql,
        values: compiled.parameters.map(keptValue),
        ...(own && { name: this.#nameOf(compiled.sql) }),
      });
      // A transaction in which something failed is rolled back by COMMIT too, without an error.
      if (command === 'ROLLBACK' && compiled.sql === 'commit') throw new Error('the transaction was rolled back');
      const given = (own ? rows?.map(givenRow) : rows) ?? [];
      return { rows: given as R[], ...(isChange(command) && { numAffectedRows: BigInt(rowCount ?? 0) }) };
    } catch (error) {
      // An answer of the server leaves the connection as it should be; anything else leaves it in the middle of something.
      if (!(error instanceof Error && 'severity' in error)) this.#broken = true;
      throw error;
    }
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('the journal streams nothing');
  }

  release(): void {
    this.#client.release(this.#broken);
  }
}

function isChange(command: string): boolean {
  return command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
}

function keptValue(value: unknown): unknown {
  if (typeof value === 'string') return keptText(value);
  return Array.isArray(value) ? value.map(keptValue) : value;
}

function givenRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const [column, value] of Object.entries(row)) if (typeof value === 'string') row[column] = givenText(value);
  return row;
}
