/** The columns' types where the two databases differ. */
import {
  type ColumnDataType,
  type ColumnDefinitionBuilder,
  type ColumnDefinitionBuilderCallback,
  type RawBuilder,
  sql,
} from 'kysely';
import type { Dialect } from '../schema.ts';

type DataType = ColumnDataType | RawBuilder<unknown>;

export interface Columns {
  readonly dialect: Dialect;
  readonly text: DataType;
  readonly bytes: DataType;
  /** A row's number, of 64 bits. */
  readonly number: DataType;
  readonly key: ColumnDefinitionBuilderCallback;
  /** A key that never comes again, whatever was deleted. */
  readonly lastingKey: ColumnDefinitionBuilderCallback;
}

/** "By default": a journal that is moved keeps its numbers. */
const identity = (column: ColumnDefinitionBuilder) => column.primaryKey().generatedByDefaultAsIdentity();

const COLUMNS: Readonly<Record<Dialect, Columns>> = {
  sqlite: {
    dialect: 'sqlite',
    text: 'text',
    bytes: 'blob',
    number: 'integer',
    key: (column) => column.primaryKey(),
    lastingKey: (column) => column.primaryKey().autoIncrement(),
  },
  postgres: {
    dialect: 'postgres',
    // Compared by its bytes, as SQLite does it: an index of it outlives every update of the system's collations.
    text: sql`text collate "C"`,
    bytes: 'bytea',
    number: 'bigint',
    key: identity,
    lastingKey: identity,
  },
};

export function columnsOf(dialect: Dialect): Columns {
  return COLUMNS[dialect];
}
