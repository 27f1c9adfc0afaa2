/**
 * Copies a journal from a file to Postgres, in one transaction: claim the file → lock the empty target → copy page by
 * page and read each page back → compare counts and digests → commit. Whatever cuts it off leaves an empty schema
 * behind, and the same move can be made again. The file stays as it is.
 */
import { createHash } from 'node:crypto';
import { type ClientBase, escapeIdentifier } from 'pg';
import { faultPoint } from '../../core/fault-point.ts';
import { journalError } from '../errors.ts';
import { createPatientPool } from '../postgres/connect.ts';
import { explainPostgres } from '../postgres/explain.ts';
import { migratePostgres } from '../postgres/migrate-postgres.ts';
import { assertOwnSessions } from '../postgres/pooler.ts';
import type { PostgresSettings, SqliteSettings } from '../settings.ts';
import { openSource, type SourceRow, type SourceTable } from './source.ts';
import { countOf, targetTable } from './target.ts';

interface PageLimits {
  readonly rows: number;
  /** A page ends with the row that reaches it. */
  readonly bytes: number;
}

/** Far below what one message to Postgres may hold. */
const PAGE: PageLimits = { rows: 1000, bytes: 1024 ** 2 };

export interface MoveOptions {
  readonly from: SqliteSettings;
  readonly to: PostgresSettings;
  /** The source was of that version, and was migrated. It stays so, whatever happens then. */
  readonly onMigrated?: (version: number) => void;
  /** Before each page. */
  readonly onProgress?: (step: MoveStep) => void;
  /** Default: PAGE. */
  readonly page?: PageLimits;
}

export interface MoveStep {
  readonly table: string;
  /** Of all tables together. */
  readonly rows: number;
  readonly of: number;
}

interface MovedTable {
  readonly name: string;
  readonly rows: number;
  /** SHA-256 over every row in order of `seq`: the same on both sides. */
  readonly sha256: string;
}

export interface Moved {
  /** The version that the source was migrated from; null where it had this program's. */
  readonly migratedFrom: number | null;
  readonly tables: readonly MovedTable[];
}

/**
 * Moves everything or nothing.
 * @throws RelayError `no-journal`; JournalError where a side cannot be used, the target is not empty, or the copy is
 * not the same. Known limit: where the connection breaks during the commit it may have been made; the next move is
 * refused then, with the number of rows in each table.
 */
export async function moveJournal(options: MoveOptions): Promise<Moved> {
  const { from, to, onMigrated } = options;
  const source = await openSource(from.path);
  const pool = createPatientPool(to);
  try {
    const { migratedFrom, tables } = source;
    if (migratedFrom !== null) onMigrated?.(migratedFrom);
    await assertOwnSessions(to);
    await migratePostgres(to);
    const client = await pool.connect();
    try {
      return { migratedFrom, tables: await copy(tables, client, options) };
    } finally {
      // Ends the session, and with it a transaction that is still open.
      client.release(true);
    }
  } catch (error) {
    throw explainPostgres(error, to.place);
  } finally {
    await pool.end();
    await source.close();
  }
}

async function copy(tables: readonly SourceTable[], client: ClientBase, options: MoveOptions): Promise<MovedTable[]> {
  const { page = PAGE, onProgress, to } = options;
  const of = tables.reduce((sum, { count }) => sum + count, 0);
  let rows = 0;
  await client.query("begin; set local idle_in_transaction_session_timeout = '60s'");
  await lockEmpty(tables, client, to);
  const moved: MovedTable[] = [];
  for (const table of tables) {
    const { name, count } = table;
    const target = await targetTable(client, table);
    const digest = createHash('sha256');
    for (const given of pages(table.rows(), page)) {
      onProgress?.({ table: name, rows, of });
      const { here, there } = await target.copy(given);
      if (here !== there) throw journalError('journal-miscopied', to.place, `rows of ${name} are not the same`);
      digest.update(there);
      rows += given.length;
    }
    await target.finish();
    moved.push({ name, rows: count, sha256: digest.digest('hex') });
  }
  for (const { name, count } of tables) {
    const found = await countOf(name, client);
    if (found !== count) throw journalError('journal-miscopied', to.place, `${found} rows of ${name}, not ${count}`);
  }
  faultPoint('move.before-commit');
  await client.query('commit');
  return moved;
}

/** A service that has the empty target open cannot write to it meanwhile, and finds everything there at once. */
async function lockEmpty(tables: readonly SourceTable[], client: ClientBase, to: PostgresSettings): Promise<void> {
  const names = tables.map(({ name }) => escapeIdentifier(name)).join(', ');
  await client.query(`lock table ${names} in exclusive mode`);
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await countOf(name, client);
    if (rows > 0) found.push(`${name}: ${rows}`);
  }
  if (found.length > 0) throw journalError('journal-not-empty', to.place, found.join(', '));
}

function* pages(rows: Iterable<SourceRow>, limits: PageLimits): Generator<readonly SourceRow[]> {
  let page: SourceRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    page.push(row);
    bytes += sizeOf(row);
    if (page.length < limits.rows && bytes < limits.bytes) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}

function sizeOf(row: SourceRow): number {
  return row.reduce<number>((sum, value) => {
    if (typeof value === 'string') return sum + value.length;
    return sum + (value instanceof Uint8Array ? value.length : 8);
  }, 0);
}
