/** What a move leaves in its target: how far it came, and so whether the journal there may be used. */
import { escapeIdentifier } from 'pg';
import { journalError } from '../errors.ts';

/** The one row of the table `move`, which only a target has: it is no part of the schema. Times are ms since the epoch. */
export interface MoveRow {
  /** Where it is from, as people are told. */
  readonly source: string;
  /** When that journal was created: as good as a name, wherever it lies. */
  readonly created_at: number;
  /** What was in it when the move began, in the form that `contentsOf` gives. */
  readonly contents: string;
  /** The table that was copied last, and up to which number. */
  readonly table_name: string;
  readonly after_seq: number;
  readonly started_at: number;
  readonly finished_at: number | null;
}

/** A connection, or a pool of them. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

/** What was moved here, or is being moved; null: nothing ever. */
export async function readMove(on: Queryable, schema: string): Promise<MoveRow | null> {
  const table = moveTable(schema);
  const { rows } = await on.query('select to_regclass($1) is not null as there', [table]);
  if (rows[0]?.there !== true) return null;
  const [row] = (await on.query(`select * from ${table}`)).rows;
  if (row === undefined) return null;
  return {
    source: String(row.source),
    created_at: Number(row.created_at),
    contents: String(row.contents),
    table_name: String(row.table_name),
    after_seq: Number(row.after_seq),
    started_at: Number(row.started_at),
    finished_at: row.finished_at === null ? null : Number(row.finished_at),
  };
}

export function moveTable(schema: string): string {
  return `${escapeIdentifier(schema)}.move`;
}

/**
 * To be asked whenever a journal in Postgres is opened to be used. `place`: as people are told where it is.
 * @throws JournalError `journal-moving` where not everything has been moved there yet.
 */
export async function refuseUnfinishedMove(
  on: Queryable,
  { schema, place }: { readonly schema: string; readonly place: string },
): Promise<void> {
  const move = await readMove(on, schema);
  if (move === null || move.finished_at !== null) return;
  throw journalError('journal-moving', place, `it is to get everything from ${move.source}`);
}
