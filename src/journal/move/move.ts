/**
 * A journal in a file, copied to Postgres: claim the file → find where to go on → copy page by page → compare both
 * sides → open the target to services. It can end anywhere and be run again. The file stays as it is.
 */

import { createClient, setSession } from '../postgres/connect.ts';
import { explainPostgres } from '../postgres/explain.ts';
import { migratePostgres } from '../postgres/migrate-postgres.ts';
import { assertOwnSessions } from '../postgres/pooler.ts';
import type { PostgresSettings, SqliteSettings } from '../settings.ts';
import { type Comparison, compare } from './digest.ts';
import { openSource, type PageLimits, type Source } from './source.ts';
import { MOVED_TABLES } from './tables.ts';
import { MoveTarget, type Progress } from './target.ts';

/** Far below what one message to Postgres may hold, and below what is lost of an afternoon when it is killed. */
const PAGE: PageLimits = { rows: 1000, bytes: 4 * 1024 ** 2 };

export interface MoveOptions {
  readonly from: SqliteSettings;
  readonly to: PostgresSettings;
  /** ms since the epoch. */
  readonly now: () => number;
  /** The source was of that version, and was brought up to this program's. Whatever happens then, it stays so. */
  readonly onMigrated?: (version: number) => void;
  readonly onProgress?: (step: MoveStep) => void;
  /** Default: 1000 rows, or as many as hold 4 MiB. */
  readonly page?: PageLimits;
}

export interface MoveStep {
  readonly doing: 'copying' | 'comparing';
  readonly table: string;
  /** Of all tables together. */
  readonly rows: number;
  readonly of: number;
}

interface MovedTable extends Comparison {
  readonly name: string;
  readonly rows: { readonly source: number; readonly target: number };
}

export interface Moved {
  /** False: the sides differ, and the target stays closed to services. */
  readonly ok: boolean;
  /** It went on where an earlier run had stopped. */
  readonly resumed: boolean;
  /** The version that the source was brought up to this program's from; null where it had it. */
  readonly migratedFrom: number | null;
  readonly tables: readonly MovedTable[];
}

/**
 * Moves everything, or the rest of it.
 * @throws RelayError `no-journal`; JournalError where a side cannot be used, or holds what it should not.
 */
export async function moveJournal(options: MoveOptions): Promise<Moved> {
  const source = await openSource(options.from.path);
  try {
    if (source.migratedFrom !== null) options.onMigrated?.(source.migratedFrom);
    return await withTarget(options.to, (target) => move(source, target, options));
  } finally {
    await source.close();
  }
}

async function withTarget<T>(settings: PostgresSettings, use: (target: MoveTarget) => Promise<T>): Promise<T> {
  const client = createClient(settings);
  // Whoever asks next is told.
  client.on('error', () => undefined);
  try {
    await assertOwnSessions(settings);
    await migratePostgres(settings);
    await client.connect();
    await setSession(client, settings);
    return await use(new MoveTarget(client, settings));
  } catch (error) {
    throw explainPostgres(error, settings.place);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function move(source: Source, target: MoveTarget, options: MoveOptions): Promise<Moved> {
  const origin = { place: options.from.path, createdAt: source.createdAt, extents: source.extents };
  const progress = await target.begin(origin, options.now());
  await copy(source, target, { ...options, progress });
  const tables = await compareAll(source, target, options);
  const ok = tables.every(({ differsAt, rows }) => differsAt === null && rows.source === rows.target);
  if (ok) await target.finish(source.extents, options.now());
  return { ok, resumed: progress !== null, migratedFrom: source.migratedFrom, tables };
}

async function copy(
  source: Source,
  target: MoveTarget,
  { progress, page = PAGE, onProgress }: MoveOptions & { readonly progress: Progress | null },
): Promise<void> {
  const reached = progress === null ? 0 : MOVED_TABLES.findIndex(({ name }) => name === progress.table);
  const of = totalOf(source);
  let copied = 0;
  for (const [index, table] of MOVED_TABLES.entries()) {
    if (index < reached) {
      copied += rowsOf(source, table.name);
      continue;
    }
    let after = progress !== null && index === reached ? progress.after : 0;
    copied += after === 0 ? 0 : source.countThrough(table, after);
    for (;;) {
      onProgress?.({ doing: 'copying', table: table.name, rows: copied, of });
      const { rows, last } = source.page(table, after, page);
      if (last === null) break;
      await target.write(table, rows, last);
      after = last;
      copied += rows.length;
    }
  }
}

async function compareAll(
  source: Source,
  target: MoveTarget,
  { page: limits = PAGE, onProgress }: MoveOptions,
): Promise<MovedTable[]> {
  const of = totalOf(source);
  const compared: MovedTable[] = [];
  let before = 0;
  for (const table of MOVED_TABLES) {
    const { name } = table;
    const onRows = (rows: number) => onProgress?.({ doing: 'comparing', table: name, rows: before + rows, of });
    const comparison = await compare(table, { source, target: target.read, limits, onRows });
    const rows = { source: rowsOf(source, name), target: await target.count(name) };
    compared.push({ name, rows, ...comparison });
    before += rows.source;
  }
  return compared;
}

function rowsOf({ extents }: Source, table: string): number {
  return extents.get(table)?.rows ?? 0;
}

function totalOf({ extents }: Source): number {
  return [...extents.values()].reduce((sum, { rows }) => sum + rows, 0);
}
