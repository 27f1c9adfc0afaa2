import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { RelayError } from '../../core/errors.ts';
import { JournalError, journalError } from '../errors.ts';
import { MIGRATIONS } from '../migrations.ts';
import { openSqliteStore } from '../open-sqlite.ts';
import type { SqlStore } from '../sql-store.ts';
import { explainSqlite } from '../sqlite.ts';
import { agreedRow, MOVED_TABLES, type Row, seqOf, type TableShape } from './tables.ts';

export interface PageLimits {
  readonly rows: number;
  /** A page ends with the row that reaches it. */
  readonly bytes: number;
}

interface Page {
  readonly rows: readonly Row[];
  /** The number of its last row; null: it is empty, and so is everything behind it. */
  readonly last: number | null;
}

export interface Extent {
  readonly rows: number;
  /** The highest number that was ever given to a row, as far as that is known; 0 without any. */
  readonly highest: number;
}

/** A journal in a file that is ours alone. Nothing in it changes while it is open. */
export interface Source {
  /** The version that it was brought up to this program's from; null where it had it. */
  readonly migratedFrom: number | null;
  /** When it was created, in ms since the epoch: as good as a name, wherever the file is. */
  readonly createdAt: number;
  /** By table. */
  readonly extents: ReadonlyMap<string, Extent>;
  /** The rows behind that number, in order. */
  page(table: TableShape, after: number, limits: PageLimits): Page;
  /** How many rows there are up to that number. */
  countThrough(table: TableShape, through: number): number;
  close(): Promise<void>;
}

/**
 * Claims the journal at `path`: no service can have it open meanwhile.
 * @throws JournalError where there is none, a service runs with it, or a newer program wrote it.
 */
export async function openSource(path: string): Promise<Source> {
  const version = versionAt(path);
  const store = await claimed(path);
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    return sourceOf(database, {
      path,
      migratedFrom: version < MIGRATIONS.length ? version : null,
      close: async () => {
        database.close();
        await store.close();
      },
    });
  } catch (error) {
    await store.close();
    throw explainSqlite(error, path);
  }
}

async function claimed(path: string): Promise<SqlStore> {
  try {
    return await openSqliteStore(path);
  } catch (error) {
    if (!(error instanceof JournalError && error.code === 'journal-locked')) throw error;
    const what = `the journal ${path} is in use by another process, and can be moved once that has ended.`;
    throw new JournalError(error.code, path, `${what} Stop the service (SIGTERM lets it finish), and try again.`);
  }
}

/** Looked at before it is opened, which would make a journal of whatever is there. */
function versionAt(path: string): number {
  if (!existsSync(path)) throw new RelayError('no-journal', path);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const known = database
      .prepare("select 1 from sqlite_master where type = 'table' and name = 'schema_version'")
      .get();
    if (known === undefined) throw journalError('journal-not-a-journal', path, 'it holds no tables of one');
    const version = Number(database.prepare('select max(version) as version from schema_version').get()?.version);
    if (version <= MIGRATIONS.length) return version;
    // Even where this program could work with it: what it does not know of it would be left behind.
    const detail = `its version is ${version}, this program knows versions up to ${MIGRATIONS.length}`;
    throw journalError('journal-newer', path, detail);
  } catch (error) {
    throw explainSqlite(error, path);
  } finally {
    database?.close();
  }
}

function sourceOf(
  database: DatabaseSync,
  { path, ...rest }: Pick<Source, 'migratedFrom' | 'close'> & { readonly path: string },
): Source {
  const statements = new Map<string, StatementSync>();
  for (const { name, columns } of MOVED_TABLES) {
    const list = columns.map((column) => `"${column.name}"`).join(', ');
    statements.set(name, database.prepare(`select ${list} from "${name}" where seq > ? order by seq limit ?`));
  }
  const created = database.prepare('select min(applied_at) as at from schema_version').get();
  return {
    ...rest,
    createdAt: Number(created?.at),
    extents: extentsOf(database),
    countThrough({ name }, through) {
      const found = database.prepare(`select count(*) as rows from "${name}" where seq <= ?`).get(through);
      return Number(found?.rows);
    },
    page(shape, after, limits) {
      try {
        return read(statements.get(shape.name), { shape, after, limits });
      } catch (error) {
        throw explainSqlite(error, path);
      }
    },
  };
}

function read(
  statement: StatementSync | undefined,
  { shape, after, limits }: { readonly shape: TableShape; readonly after: number; readonly limits: PageLimits },
): Page {
  const rows: Row[] = [];
  let last: number | null = null;
  let bytes = 0;
  for (const found of statement?.iterate(after, limits.rows) ?? []) {
    const values = shape.columns.map(({ name }) => found[name]);
    const row = agreedRow(values, shape);
    rows.push(row);
    last = seqOf(row);
    bytes += sizeOf(row);
    if (bytes >= limits.bytes) break;
  }
  return { rows, last };
}

function sizeOf(row: Row): number {
  return row.reduce<number>((sum, value) => {
    if (typeof value === 'string') return sum + value.length;
    return sum + (value instanceof Uint8Array ? value.length : 8);
  }, 0);
}

/** Numbers of events and deliveries never come again, not even those of rows that were pruned. */
function extentsOf(database: DatabaseSync): Source['extents'] {
  const given = database.prepare('select seq from sqlite_sequence where name = ?');
  return new Map(
    MOVED_TABLES.map(({ name }) => {
      const found = database.prepare(`select count(*) as rows, max(seq) as highest from "${name}"`).get();
      const highest = Math.max(Number(found?.highest ?? 0), Number(given.get(name)?.seq ?? 0));
      return [name, { rows: Number(found?.rows), highest }];
    }),
  );
}
