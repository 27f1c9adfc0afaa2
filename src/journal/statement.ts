/**
 * A SQL statement of the journal: built with Kysely, compiled once for each database and run often, since building one
 * costs more than running it on SQLite.
 */
import { type Compilable, type Kysely, type RawBuilder, sql } from 'kysely';
import type { FindText } from './find-text.ts';
import type { Tables } from './schema.ts';

/** Stands in a statement for the parameter of that name. */
export interface Param<P> {
  <Name extends keyof P>(name: Name): RawBuilder<P[Name]>;
  /** Where it is text, as `change` makes it. */
  as<Name extends keyof P>(name: Name, change: (text: string) => string): RawBuilder<P[Name]>;
  /** For text that rows are found by: Postgres cannot index long text, and keeps a shortened form. */
  key<Name extends keyof P>(name: Name): RawBuilder<P[Name]>;
}

/** What a statement is compiled for. */
export interface Target {
  readonly db: Kysely<Tables>;
  readonly findText: FindText;
  /** The form in which a `key` parameter is stored. */
  readonly keyText: (text: string) => string;
}

type Build<P, Row> = (param: Param<P>, target: Target) => Compilable<Row> | RawBuilder<Row>;

export interface Statement<P, Row> {
  /** Counts the statements of this program: an index into what a database has compiled. */
  readonly id: number;
  readonly build: Build<P, Row>;
}

let count = 0;

export function statement<P, Row = unknown>(build: Build<P, Row>): Statement<P, Row> {
  count += 1;
  return { id: count - 1, build };
}

export interface Compiled<P> {
  readonly sql: string;
  /** The parameters in the order of the SQL. */
  values(given: P): unknown[];
}

export function compile<P>({ build }: Statement<P, unknown>, target: Target): Compiled<P> {
  const readers = new Map<unknown, (given: P) => unknown>();
  const { sql: text, parameters } = build(paramOf(readers, target), target).compile(target.db);
  const inOrder = parameters.map((parameter) => readers.get(parameter) ?? (() => parameter));
  return { sql: text, values: (given) => inOrder.map((read) => read(given)) };
}

/** Each mention of a parameter becomes a value of its own, by which it is found in what was compiled. */
function paramOf<P>(readers: Map<unknown, (given: P) => unknown>, { keyText }: Target): Param<P> {
  const mention = <Name extends keyof P>(read: (given: P) => unknown) => {
    const marker = Object.freeze({});
    readers.set(marker, read);
    return sql<P[Name]>`${marker}`;
  };
  const as = <Name extends keyof P>(name: Name, change: (text: string) => string) =>
    mention<Name>((given) => {
      const value = given[name];
      return typeof value === 'string' ? change(value) : value;
    });
  const plain = <Name extends keyof P>(name: Name) => mention<Name>((given) => given[name]);
  return Object.assign(plain, { as, key: <Name extends keyof P>(name: Name) => as(name, keyText) });
}

/** What a database has made of each statement that it has run. */
export class StatementCache<T> {
  readonly #made: (T | undefined)[] = [];
  readonly #make: <P>(statement: Statement<P, unknown>) => T;

  constructor(make: <P>(statement: Statement<P, unknown>) => T) {
    this.#make = make;
  }

  of<P>(statement: Statement<P, unknown>): T {
    const known = this.#made[statement.id];
    if (known !== undefined) return known;
    const made = this.#make(statement);
    this.#made[statement.id] = made;
    return made;
  }
}
