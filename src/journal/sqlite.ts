/** node:sqlite in the shape Kysely's SQLite dialect asks for, and what SQLite's errors mean for a journal. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { JournalError, type JournalErrorCode, journalError } from './errors.ts';

/** Keeps every statement it prepared: the journal's queries are a fixed set of about fifty, and none is made of a caller's values. */
export function sqliteDatabase(database: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const statement = sqliteStatement(database.prepare(sql));
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function sqliteStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all(parameters) {
      assertBindable(parameters);
      return statement.all(...parameters);
    },
    run(parameters) {
      assertBindable(parameters);
      return statement.run(...parameters);
    },
    iterate(parameters) {
      assertBindable(parameters);
      return statement.iterate(...parameters);
    },
  };
}

function assertBindable(values: readonly unknown[]): asserts values is readonly SQLInputValue[] {
  for (const value of values) {
    const type = typeof value;
    if (type === 'string' || type === 'number' || value === null || type === 'bigint') continue;
    if (!(value instanceof Uint8Array)) throw new TypeError(`SQLite cannot keep a value of type ${type}`);
  }
}

/** SQLite's primary result codes; the bits above the lowest eight only refine them. */
const CODES: Readonly<Record<number, JournalErrorCode>> = {
  1: 'journal-refused', // SQLITE_ERROR
  5: 'journal-locked', // SQLITE_BUSY
  6: 'journal-locked', // SQLITE_LOCKED
  8: 'journal-readonly', // SQLITE_READONLY
  11: 'journal-damaged', // SQLITE_CORRUPT
  13: 'journal-full', // SQLITE_FULL
  14: 'journal-path', // SQLITE_CANTOPEN
  18: 'journal-refused', // SQLITE_TOOBIG
  19: 'journal-refused', // SQLITE_CONSTRAINT
  20: 'journal-refused', // SQLITE_MISMATCH
  25: 'journal-refused', // SQLITE_RANGE
  26: 'journal-not-a-journal', // SQLITE_NOTADB
};

/** Of SQLITE_IOERR, which otherwise may pass: a page cannot be read, or not as it was written. */
const UNREADABLE: ReadonlySet<number> = new Set([
  266, // SQLITE_IOERR_READ
  522, // SQLITE_IOERR_SHORT_READ
  8202, // SQLITE_IOERR_DATA
  8458, // SQLITE_IOERR_CORRUPTFS
]);

/** The JournalError for whatever an operation on this journal threw. */
export function explainSqlite(error: unknown, path: string): JournalError {
  if (error instanceof JournalError) return error;
  if (!(error instanceof Error)) return journalError('journal-refused', path, String(error));
  const { message } = error;
  if (!('errcode' in error) || typeof error.errcode !== 'number') return journalError('journal-refused', path, message);
  const code = UNREADABLE.has(error.errcode) ? 'journal-damaged' : CODES[error.errcode & 0xff];
  return journalError(code ?? 'journal-failed', path, message);
}
