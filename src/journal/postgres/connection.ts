/** Connections of `pg`'s pool, as Kysely asks for them and as the journal's operations do. */
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type pg from 'pg';
import type { Connection, SweepLocks } from '../operation.ts';
import type { Compiled, Statement, StatementCache } from '../statement.ts';
import type { EventCache } from '../stored-event.ts';
import { givenText, keptText } from './text.ts';

type Rows = Record<string, unknown>[];

interface Answer {
  readonly rows: Rows;
  readonly changed: number;
}

/** A connection that is ours until it is released. One that broke is closed then. */
export class PooledConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  #broken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** For Kysely's own queries, of which none is prepared. */
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changed } = await this.query(sql, parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(changed) };
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('the journal streams nothing');
  }

  /** `name`: the connection parses and plans the statement of that name once. */
  async query(text: string, values: readonly unknown[] = [], name?: string): Promise<Answer> {
    try {
      const kept = values.map(keptValue);
      const { command, rowCount, rows } = await this.#client.query<Record<string, unknown>>(
        name === undefined ? { text, values: kept } : { text, values: kept, name },
      );
      // A transaction in which something failed is rolled back by COMMIT too, without an error.
      if (command === 'ROLLBACK' && text === 'commit') throw new Error('the transaction was rolled back');
      return { rows: rows ?? [], changed: rowCount ?? 0 };
    } catch (error) {
      // An answer of the server leaves the connection as it should be; anything else, in the middle of something.
      if (!(error instanceof Error && 'severity' in error)) this.#broken = true;
      throw error;
    }
  }

  /** Runs `body` in a transaction: resolves after COMMIT, or rejects with nothing done (or, at COMMIT, not known). */
  async transaction<T>(body: () => Promise<T>): Promise<T> {
    await this.query('begin');
    try {
      const result = await body();
      await this.query('commit');
      return result;
    } catch (error) {
      await this.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  release(): void {
    this.#client.release(this.#broken);
  }
}

/** What the connections of one journal share. */
export interface Shared {
  readonly statements: StatementCache<Compiled<unknown> & { readonly name: string }>;
  readonly events: EventCache;
  readonly sweepLocks: SweepLocks;
  readonly enqueue: (connection: Connection, lanes: readonly string[]) => Promise<void>;
}

export class PostgresConnection extends PooledConnection implements Connection {
  /** The database does not tell. */
  readonly room = null;
  readonly #shared: Shared;

  constructor(client: pg.PoolClient, shared: Shared) {
    super(client);
    this.#shared = shared;
  }

  get events(): EventCache {
    return this.#shared.events;
  }

  get sweepLocks(): SweepLocks {
    return this.#shared.sweepLocks;
  }

  async rows<P, Row>(statement: Statement<P, Row>, given: P): Promise<readonly Row[]> {
    const { rows } = await this.#run(statement, given);
    for (const row of rows) giveTexts(row);
    // The columns are those that the statement selects; its author says of which type.
    return rows as Row[];
  }

  async changes<P>(statement: Statement<P, unknown>, given: P): Promise<number> {
    const { changed } = await this.#run(statement, given);
    return changed;
  }

  enqueue(lanes: readonly string[]): Promise<void> {
    return this.#shared.enqueue(this, lanes);
  }

  #run<P>(statement: Statement<P, unknown>, given: P): Promise<Answer> {
    const { sql, values, name } = this.#shared.statements.of(statement);
    return this.query(sql, values(given), name);
  }
}

function keptValue(value: unknown): unknown {
  if (typeof value === 'string') return keptText(value);
  return Array.isArray(value) ? value.map(keptValue) : value;
}

/** JSON escapes U+0000, so none of its characters replaces one. */
const JSON_COLUMNS: ReadonlySet<string> = new Set(['envelope', 'target', 'receipt']);

function giveTexts(row: Record<string, unknown>): void {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === 'string' && !JSON_COLUMNS.has(column)) row[column] = givenText(value);
  }
}
