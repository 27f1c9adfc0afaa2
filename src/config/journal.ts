/** The `journal:` of the config, with the files that it names. */
import { resolve } from 'node:path';
import type { Problem } from '../core/problem.ts';
import { isFile, parseDatabaseUrl } from '../journal/database-url.ts';
import type { JournalSettings } from '../journal/settings.ts';
import { databaseAt, type WrittenJournal } from '../journal/settings-schema.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { hasError } from './environment.ts';
import { buildTls } from './journal-tls.ts';

export interface BuiltJournal {
  /** Null where there is a problem. */
  readonly settings: JournalSettings | null;
  readonly problems: readonly Problem[];
}

/** Where the address of the journal stands, be it a file's or a database's. */
export function addressPath(journal: unknown): Path {
  return typeof journal === 'object' ? ['journal', 'url'] : ['journal'];
}

/** `folder`: what paths are relative to. */
export async function buildJournal(
  written: WrittenJournal,
  document: SourceDocument,
  folder: string,
): Promise<BuiltJournal> {
  const path = addressPath(written);
  const place = document.place(path);
  if (hasError(place, document)) return { settings: null, problems: [] };
  if (typeof written === 'string' && isFile(written)) {
    return { settings: { kind: 'sqlite', path: resolve(folder, written) }, problems: [] };
  }
  const database = typeof written === 'string' ? databaseAt(written) : written;
  const parsed = parseDatabaseUrl(database.url);
  if (!parsed.ok) return { settings: null, problems: [{ ...place, code: 'bad-journal-address', ...parsed.fault }] };
  const { url, place: at, tls: ofAddress } = parsed.value;
  const { schema, pool } = database;
  const tls = await buildTls({ ofKeys: database.tls, ofAddress, address: path }, document, folder);
  if (tls.problems.length > 0) return { settings: null, problems: tls.problems };
  const settings: JournalSettings = {
    kind: 'postgres',
    url,
    place: `${at} (schema ${schema})`,
    schema,
    pool,
    tls: tls.settings,
  };
  return { settings, problems: [] };
}
