import { escapeIdentifier } from 'pg';
import { faultPoint } from '../../core/fault-point.ts';
import { journalError } from '../errors.ts';
import type { ReadRows } from './digest.ts';
import type { Extent, Source } from './source.ts';
import { agreedRow, MOVED_TABLES, type Row, type TableShape } from './tables.ts';
import { type MoveRow, moveTable, type Queryable, readMove } from './unfinished.ts';

/** How far a move is: everything before that table, and of it everything up to that number. */
export interface Progress {
  readonly table: string;
  readonly after: number;
}

/** The source, as an unfinished move of it is recognized. */
export interface Origin extends Pick<Source, 'createdAt' | 'extents'> {
  readonly place: string;
}

/** Tables that have another name until the move is done. */
const HIDDEN: ReadonlySet<string> = new Set(['events', 'deliveries']);

/**
 * The side that is written. Each page is one transaction, together with the row that says how far the move is: whenever
 * it ends, it can go on behind the last page.
 *
 * A service that opens the journal meanwhile refuses it; one that had it open before (empty as it was) would send what
 * it finds, while it is being copied. So it must not find it: see HIDDEN. Known limit: an unfinished move is not
 * migrated, and has to be finished by the version that began it, or made anew.
 */
export class MoveTarget {
  readonly #connection: Queryable;
  readonly #schema: string;
  readonly #place: string;

  /** `connection`: one, not a pool, and ours alone. */
  constructor(connection: Queryable, { schema, place }: { readonly schema: string; readonly place: string }) {
    this.#connection = connection;
    this.#schema = schema;
    this.#place = place;
  }

  /**
   * Begins a move, or finds where the same one stopped: null, it begins.
   * @throws JournalError `journal-not-empty` where something else is in the target.
   */
  begin(origin: Origin, now: number): Promise<Progress | null> {
    return this.#transaction(async () => {
      const known = await readMove(this.#connection, this.#schema);
      if (known !== null) return this.#resumed(known, origin);
      // Waits for what is being stored, and then it can be seen.
      for (const table of HIDDEN)
        await this.#connection.query(`lock table ${this.#named(table)} in access exclusive mode`);
      await this.#refuseUsed();
      for (const table of HIDDEN) await this.#rename(table, movingName(table));
      await this.#connection.query(
        `create table ${moveTable(this.#schema)} (
          source text not null, created_at bigint not null, contents text not null,
          table_name text not null, after_seq bigint not null, started_at bigint not null, finished_at bigint)`,
      );
      const [first] = MOVED_TABLES;
      await this.#connection.query(`insert into ${moveTable(this.#schema)} values ($1, $2, $3, $4, 0, $5, null)`, [
        origin.place,
        origin.createdAt,
        contentsOf(origin.extents),
        first?.name,
        now,
      ]);
      return null;
    });
  }

  #resumed({ finished_at, source, created_at, table_name, after_seq, contents }: MoveRow, origin: Origin): Progress {
    if (finished_at !== null) {
      const at = new Date(finished_at).toISOString();
      throw this.#notEmpty(`everything from ${source} was moved there, done at ${at}`);
    }
    if (created_at !== origin.createdAt) throw this.#notEmpty(`an unfinished move of another journal, ${source}`);
    if (contents !== contentsOf(origin.extents)) {
      throw this.#notEmpty('an unfinished move of this journal, which a service has changed since it began');
    }
    return { table: table_name, after: after_seq };
  }

  async #refuseUsed(): Promise<void> {
    const found: string[] = [];
    for (const { name } of MOVED_TABLES) {
      const rows = await this.#rowsOf(this.#named(name));
      if (rows > 0) found.push(`${name}: ${rows}`);
    }
    if (found.length > 0) throw this.#notEmpty(found.join(', '));
  }

  #notEmpty(what: string) {
    return journalError('journal-not-empty', this.#place, what);
  }

  async #rename(table: string, to: string): Promise<void> {
    await this.#connection.query(`alter table ${this.#named(table)} rename to ${escapeIdentifier(to)}`);
  }

  /** Writes a page that ends with number `after`. */
  write(table: TableShape, rows: readonly Row[], after: number): Promise<void> {
    const names = table.columns.map(({ name }) => escapeIdentifier(name)).join(', ');
    const arrays = table.columns.map(({ kind }, index) => `$${index + 1}::${ARRAYS[kind]}`).join(', ');
    const values = table.columns.map((_, index) => rows.map((row) => row[index]));
    return this.#transaction(async () => {
      await this.#connection.query(
        `insert into ${this.#table(table.name)} (${names}) select * from unnest(${arrays})`,
        values,
      );
      await this.#connection.query(`update ${moveTable(this.#schema)} set table_name = $1, after_seq = $2`, [
        table.name,
        after,
      ]);
      faultPoint('move.before-commit');
    });
  }

  readonly read: ReadRows = async (table, { after, through, limit }) => {
    const names = table.columns.map(({ name }) => escapeIdentifier(name)).join(', ');
    const { rows } = await this.#connection.query(
      `select ${names} from ${this.#table(table.name)}
       where seq > $1 and ($2::bigint is null or seq <= $2) order by seq limit $3`,
      [after, through, limit],
    );
    return rows.map((found) => {
      const values = table.columns.map(({ name }) => found[name]);
      return agreedRow(values, table);
    });
  };

  count(table: string): Promise<number> {
    return this.#rowsOf(this.#table(table));
  }

  async #rowsOf(table: string): Promise<number> {
    const { rows } = await this.#connection.query(`select count(*) as rows from ${table}`);
    return Number(rows[0]?.rows);
  }

  /** Opens the journal to services: what they number comes behind all that was ever numbered in the source. */
  finish(extents: Source['extents'], now: number): Promise<void> {
    return this.#transaction(async () => {
      for (const [table, { highest }] of extents) {
        await this.#connection.query("select setval(pg_get_serial_sequence($1, 'seq'), $2, $3)", [
          this.#table(table),
          Math.max(1, highest),
          highest > 0,
        ]);
        // Nobody has told the planner yet that the tables are not empty any more.
        await this.#connection.query(`analyze ${this.#table(table)}`);
      }
      for (const table of HIDDEN) await this.#rename(movingName(table), table);
      await this.#connection.query(`update ${moveTable(this.#schema)} set finished_at = $1`, [now]);
    });
  }

  async #transaction<T>(body: () => Promise<T>): Promise<T> {
    await this.#connection.query('begin');
    try {
      const result = await body();
      await this.#connection.query('commit');
      return result;
    } catch (error) {
      await this.#connection.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  /** As it is called while the move goes on. */
  #table(name: string): string {
    return this.#named(HIDDEN.has(name) ? movingName(name) : name);
  }

  #named(name: string): string {
    return `${escapeIdentifier(this.#schema)}.${escapeIdentifier(name)}`;
  }
}

function movingName(table: string): string {
  return `moving_${table}`;
}

const ARRAYS = { number: 'bigint[]', text: 'text[]', key: 'text[]', bytes: 'bytea[]' } as const;

/** Grows with whatever a service stores: enough to see that one was started in between. Rows alone tell the rest. */
function contentsOf(extents: ReadonlyMap<string, Extent>): string {
  return JSON.stringify([...extents].map(([table, { rows, highest }]) => [table, rows, highest]));
}
