/**
 * Queries that are built and compiled once and run often: building one with Kysely costs more than running it on
 * SQLite. The parameters are named; where each stands in the SQL is found when the query is compiled.
 */
import { type Compilable, type CompiledQuery, type DatabaseConnection, type RawBuilder, sql } from 'kysely';

/** Stands in the query for the parameter of that name. */
export type Hole<P> = <Name extends keyof P>(name: Name) => RawBuilder<P[Name]>;

export interface Prepared<P, Row> {
  rows(connection: DatabaseConnection, values: P): Promise<readonly Row[]>;
  /** How many rows the statement changed. */
  changes(connection: DatabaseConnection, values: P): Promise<number>;
}

const PREPARED = new WeakSet<object>();

/** Whether it is one of a fixed set of statements, which a database may keep parsed. */
export function isPrepared({ query }: CompiledQuery): boolean {
  return PREPARED.has(query);
}

/** Compiles what `build` returns; `build` writes `hole('name')` wherever a parameter goes. */
export function prepare<P, Row = unknown>(build: (hole: Hole<P>) => Compilable<Row>): Prepared<P, Row> {
  const names = new Map<unknown, keyof P>();
  const compiled = build((name) => {
    const marker = Object.freeze({ name });
    names.set(marker, name);
    return sql`${marker}`;
  }).compile();
  PREPARED.add(compiled.query);
  const slots = compiled.parameters.map((parameter) => {
    const name = names.get(parameter);
    return name === undefined ? () => parameter : (values: P) => values[name];
  });
  const filled = (values: P): CompiledQuery<Row> => ({
    query: compiled.query,
    queryId: compiled.queryId,
    sql: compiled.sql,
    parameters: slots.map((slot) => slot(values)),
  });
  return {
    async rows(connection, values) {
      const { rows } = await connection.executeQuery<Row>(filled(values));
      return rows;
    },
    async changes(connection, values) {
      const { numAffectedRows } = await connection.executeQuery(filled(values));
      return Number(numAffectedRows ?? 0);
    },
  };
}
