/** Whether both sides hold the same: read again, side by side, page by page. */
import { createHash } from 'node:crypto';
import type { PageLimits, Source } from './source.ts';
import { canonical, type Row, seqOf, type TableShape } from './tables.ts';

export interface Comparison {
  /** SHA-256 over the canonical form of every row, in order of their numbers. Equal where nothing is different. */
  readonly digests: { readonly source: string; readonly target: string };
  /** The number of the first row that is not the same; null: there is none. */
  readonly differsAt: number | null;
}

/** Gives a table's rows behind `after` up to `through` (null: to the end), in order, at most `limit` of them. */
export type ReadRows = (
  table: TableShape,
  span: { readonly after: number; readonly through: number | null; readonly limit: number },
) => Promise<readonly Row[]>;

export interface CompareOptions {
  readonly source: Pick<Source, 'page'>;
  readonly target: ReadRows;
  readonly limits: PageLimits;
  /** Called after each page, with how many rows were compared by then. */
  readonly onRows?: (rows: number) => void;
}

/** One more row than the source has between two numbers is enough to see that the target has too many. */
export async function compare(table: TableShape, options: CompareOptions): Promise<Comparison> {
  const { source, target, limits, onRows } = options;
  const sides = { source: side(), target: side() };
  let differsAt: number | null = null;
  let after = 0;
  let compared = 0;
  for (;;) {
    const { rows, last } = source.page(table, after, limits);
    const span = { after, through: last, limit: rows.length + 1 };
    const found = await target(table, span);
    const here = rows.map(canonical);
    const there = found.map(canonical);
    sides.source.take(here);
    sides.target.take(there);
    const different = here.findIndex((line, index) => line !== there[index]);
    const at = different === -1 && there.length > here.length ? here.length : different;
    if (at !== -1) differsAt ??= lowest(rows[at], found[at]);
    compared += rows.length;
    onRows?.(compared);
    if (last === null) break;
    after = last;
  }
  return {
    digests: { source: sides.source.digest(), target: sides.target.digest() },
    differsAt,
  };
}

function lowest(...rows: readonly (Row | undefined)[]): number {
  return Math.min(...rows.flatMap((row) => (row === undefined ? [] : [seqOf(row)])));
}

function side() {
  const hash = createHash('sha256');
  return {
    take(lines: readonly string[]) {
      for (const line of lines) hash.update(`${line}\n`);
    },
    digest: () => hash.digest('hex'),
  };
}
