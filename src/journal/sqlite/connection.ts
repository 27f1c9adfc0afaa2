/** The journal's connection to its SQLite file, and the form of `node:sqlite` that Kysely asks for. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { FIND_IN_SQLITE } from '../find-text.ts';
import type { Connection, Room } from '../operation.ts';
import type { Tables } from '../schema.ts';
import { type Compiled, compile, type Statement, StatementCache } from '../statement.ts';
import { EventCache } from '../stored-event.ts';

type Statements = Pick<DatabaseSync, 'prepare' | 'close'>;
type Transactions = Pick<DatabaseSync, 'exec' | 'isTransaction'>;

/** For migrations. */
export function kyselyOf(database: Statements): Kysely<Tables> {
  return new Kysely({ dialect: new SqliteDialect({ database: forKysely(database) }) });
}

interface Prepared extends Compiled<unknown> {
  readonly run: StatementSync;
}

/**
 * Every statement is done when its call returns: so what an operation does between two turns of the event loop, nothing
 * else comes between, and an operation never sees another's open transaction.
 */
export class SqliteConnection implements Connection {
  readonly sweepLocks = null;
  readonly events = new EventCache();
  readonly room: Room | null;
  readonly #statements: StatementCache<Prepared>;

  constructor(database: Statements, room: Room | null) {
    const target = { db: kyselyOf(database), findText: FIND_IN_SQLITE, keyText: asItIs };
    this.room = room;
    this.#statements = new StatementCache((statement) => {
      const { sql, values } = compile(statement, target);
      return { sql, values, run: database.prepare(sql) };
    });
  }

  rows<P, Row>(statement: Statement<P, Row>, given: P): readonly Row[] {
    const { run, values } = this.#statements.of(statement);
    // The columns are those that the statement selects; its author says of which type.
    return run.all(...bindable(values(given))) as Row[];
  }

  changes<P>(statement: Statement<P, unknown>, given: P): number {
    const { run, values } = this.#statements.of(statement);
    return Number(run.run(...bindable(values(given))).changes);
  }

  enqueue(): void {}
}

/** Runs `body` in a transaction. Rejects with everything rolled back. */
export async function inTransaction<T>(database: Transactions, body: () => Promise<T>): Promise<T> {
  database.exec('begin immediate');
  try {
    const result = await body();
    database.exec('commit');
    return result;
  } catch (error) {
    // On a full disk SQLite rolls back on its own.
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}

function asItIs(text: string): string {
  return text;
}

function forKysely(database: Statements): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql): SqliteStatement {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bindable(parameters)),
        run: (parameters) => statement.run(...bindable(parameters)),
        iterate: (parameters) => statement.iterate(...bindable(parameters)),
      };
    },
  };
}

function bindable(values: readonly unknown[]): readonly SQLInputValue[] {
  assertBindable(values);
  return values;
}

function assertBindable(values: readonly unknown[]): asserts values is readonly SQLInputValue[] {
  for (const value of values) {
    const type = typeof value;
    if (type === 'string' || type === 'number' || value === null || type === 'bigint') continue;
    if (!(value instanceof Uint8Array)) throw new TypeError(`SQLite cannot keep a value of type ${type}`);
  }
}
