/** Writes the rows of one table to Postgres within the move's transaction, and reads them again as they arrived. */
import { type ClientBase, escapeIdentifier } from 'pg';
import { keptText, keyText } from '../postgres/text.ts';
import type { SourceRow, SourceTable } from './source.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  /** Rows are found by it, through an index. */
  readonly indexed: boolean;
}

export interface TargetTable {
  /** Gives both sides of the page in a form that is the same for the same rows. */
  copy(page: readonly SourceRow[]): Promise<{ readonly here: string; readonly there: string }>;
  /** To be called last: the next row is numbered behind all that was ever numbered in the source. */
  finish(): Promise<void>;
}

/** Columns that only the target has keep their defaults. */
export async function targetTable(client: ClientBase, { name, columns, highest }: SourceTable): Promise<TargetTable> {
  const table = escapeIdentifier(name);
  const known = await columnsOf(client, table);
  const targets = columns.map((column) => {
    const target = known.find((one) => one.name === column);
    if (target === undefined) throw new Error(`the target has no column ${name}.${column}`);
    return target;
  });
  const names = targets.map((target) => escapeIdentifier(target.name)).join(', ');
  const arrays = targets.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  const seqAt = columns.indexOf('seq');
  return {
    async copy(page) {
      const rows = page.map((row) => row.map((value, index) => agreed(value, targets[index])));
      const values = targets.map((_, index) => rows.map((row) => row[index]));
      await client.query(`insert into ${table} (${names}) select * from unnest(${arrays})`, values);
      const read = await client.query({
        text: `select ${names} from ${table} where seq between $1 and $2 order by seq`,
        values: [rows[0]?.[seqAt], rows.at(-1)?.[seqAt]],
        rowMode: 'array',
      });
      return { here: canonical(rows), there: canonical(read.rows) };
    },
    async finish() {
      const next = [table, Math.max(1, highest), highest > 0];
      await client.query("select setval(pg_get_serial_sequence($1, 'seq'), $2, $3)", next);
      // The planner takes the table for empty otherwise.
      await client.query(`analyze ${table}`);
    },
  };
}

export async function countOf(table: string, client: ClientBase): Promise<number> {
  const { rows } = await client.query(`select count(*) as rows from ${escapeIdentifier(table)}`);
  return Number(rows[0].rows);
}

async function columnsOf(client: ClientBase, table: string): Promise<readonly Column[]> {
  const { rows } = await client.query<Column>(
    `select attname as name, format_type(atttypid, atttypmod) as type,
       exists (select from pg_index where indrelid = attrelid and attnum = any (indkey)) as indexed
     from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  );
  return rows;
}

/** The value as both databases can keep it. */
function agreed(value: SourceRow[number] | undefined, column: Column | undefined): SourceRow[number] {
  if (typeof value === 'string') return column?.indexed === true ? keyText(value) : keptText(value);
  // SQLite takes a fraction where a whole number is asked for.
  if (typeof value === 'number' && column?.type !== 'double precision') return Math.round(value);
  return value ?? null;
}

function canonical(rows: readonly (readonly unknown[])[]): string {
  const whole = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value);
  return rows.map((row) => `${JSON.stringify(row.map(whole))}\n`).join('');
}
