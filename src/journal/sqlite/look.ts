/** What a SQLite file holds, read without being changed: it may be a journal, or anything else. */
import type { DatabaseSync } from 'node:sqlite';
import { journalError } from '../errors.ts';
import { MIGRATIONS } from '../migrations.ts';

/**
 * @throws JournalError `journal-not-a-journal`; `journal-newer`, even where this program could work with it: whoever
 * copies it would have no place for what is new.
 */
export function versionOf(database: DatabaseSync, path: string): number {
  const isTable = "select 1 from sqlite_master where type = 'table' and name = 'schema_version'";
  if (database.prepare(isTable).get() === undefined)
    throw journalError('journal-not-a-journal', path, 'it holds no tables of one');
  const version = Number(database.prepare('select max(version) as version from schema_version').get()?.version);
  if (version <= MIGRATIONS.length) return version;
  const detail = `its version is ${version}, this program knows versions up to ${MIGRATIONS.length}`;
  throw journalError('journal-newer', path, detail);
}

/** In the order in which they were created. */
export function tablesOf(database: DatabaseSync): string[] {
  const tables = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by rowid";
  return database
    .prepare(tables)
    .all()
    .map(({ name }) => String(name));
}

/** Reads every page and index. */
export function isWhole(database: DatabaseSync): boolean {
  return database.prepare('pragma integrity_check(1)').get()?.integrity_check === 'ok';
}

/** What a person knows a journal by. */
export interface Contents {
  readonly events: number;
  /** When the newest of them was received, ms since the epoch; null: there is none. */
  readonly newestAt: number | null;
  /** How many deliveries wait to be sent, are held by quiet hours, or did not arrive. */
  readonly unfinished: number;
  readonly held: number;
  readonly failed: number;
}

export function contentsOf(database: DatabaseSync): Contents {
  const events = database.prepare('select count(*) as count, max(received_at) as newest from events').get();
  const states = database.prepare('select state, count(*) as count from deliveries group by state').all();
  const count = (...wanted: string[]) =>
    states.reduce((sum, row) => sum + (wanted.includes(String(row.state)) ? Number(row.count) : 0), 0);
  const newest = events?.newest ?? null;
  return {
    events: Number(events?.count),
    newestAt: newest === null ? null : Number(newest),
    unfinished: count('pending', 'sending'),
    held: count('held'),
    failed: count('dead', 'parked'),
  };
}
