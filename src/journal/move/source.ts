/** Reads a journal in a file from beginning to end, while nobody else can change it. */
import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { RelayError } from '../../core/errors.ts';
import { JournalError } from '../errors.ts';
import { MIGRATIONS } from '../migrations.ts';
import { explainSqlite } from '../sqlite/errors.ts';
import { tablesOf, versionOf } from '../sqlite/look.ts';
import { openSqlite } from '../sqlite/open.ts';

/** In the order of the table's columns. */
export type SourceRow = readonly SQLOutputValue[];

export interface SourceTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly count: number;
  /** The highest `seq` ever given to a row, as far as that is known; 0 without any. */
  readonly highest: number;
  /** In order of `seq`, one after the other: not all of them fit into memory. */
  rows(): Iterable<SourceRow>;
}

export interface Source {
  /** The version that it was brought up to this program's from; null where it had it. */
  readonly migratedFrom: number | null;
  /** In the order in which they were created, so that what a row refers to comes before it. */
  readonly tables: readonly SourceTable[];
  close(): Promise<void>;
}

/** Tables about the journal itself: the target has its own. */
const OWN = new Set(['schema_version', 'probe']);

/**
 * Claims the journal at `path`: no service can open it meanwhile.
 * @throws RelayError `no-journal`; JournalError where a service has it open, a newer program wrote it, or it is none.
 */
export async function openSource(path: string): Promise<Source> {
  const version = versionAt(path);
  const claim = await openSqlite(path).catch((error: unknown) => {
    if (!(error instanceof JournalError && error.code === 'journal-locked')) throw error;
    const what = `the journal ${path} is in use by another process, and can be moved once that has ended.`;
    throw new JournalError(error.code, path, `${what} Stop the service (SIGTERM lets it finish), and try again.`);
  });
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    // One snapshot for all that is read.
    database.exec('begin');
    return {
      migratedFrom: version < MIGRATIONS.length ? version : null,
      tables: tablesOf(database)
        .filter((name) => !OWN.has(name))
        .map((name) => tableOf(database, { name, path })),
      close: async () => {
        database.close();
        await claim.close();
      },
    };
  } catch (error) {
    await claim.close();
    throw explainSqlite(error, path);
  }
}

/** Looks before the journal is opened, which would make a journal of whatever is there. */
function versionAt(path: string): number {
  if (!existsSync(path)) throw new RelayError('no-journal', path);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return versionOf(database, path);
  } catch (error) {
    throw explainSqlite(error, path);
  } finally {
    database?.close();
  }
}

/** Numbers of events and deliveries never come again, not even those of rows that were pruned. */
function tableOf(
  database: DatabaseSync,
  { name, path }: { readonly name: string; readonly path: string },
): SourceTable {
  const found = database.prepare(`select count(*) as count, max(seq) as highest from "${name}"`).get();
  const given = database.prepare('select seq from sqlite_sequence where name = ?').get(name);
  const select = database.prepare(`select * from "${name}" order by seq`);
  const columns = select.columns().map((column) => column.name);
  select.setReturnArrays(true);
  return {
    name,
    columns,
    count: Number(found?.count),
    highest: Math.max(Number(found?.highest ?? 0), Number(given?.seq ?? 0)),
    *rows() {
      try {
        // The declared type is that of rows as objects.
        yield* select.iterate() as Iterable<unknown> as Iterable<SourceRow>;
      } catch (error) {
        throw explainSqlite(error, path);
      }
    },
  };
}
