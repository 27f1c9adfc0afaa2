/** Where a journal is moved from and to: by the command line, and by the config for what that leaves open. */
import { existsSync } from 'node:fs';
import { buildJournal } from '../config/journal.ts';
import { loadConfig } from '../config/load.ts';
import { missingForJournal, sandboxVariables } from '../config/sandbox.ts';
import { RelayError } from '../core/errors.ts';
import { isFile } from '../journal/database-url.ts';
import { type JournalSettings, type PostgresSettings, placeOf, type SqliteSettings } from '../journal/settings.ts';
import { journalSchema } from '../journal/settings-schema.ts';
import { readDocument } from '../language/document.ts';
import { check } from '../language/schema.ts';
import { countProblems, printProblems } from './problems.ts';

export interface MoveArguments {
  readonly from?: string;
  readonly to?: string;
  readonly schema?: string;
  readonly config: string;
  /** The config was named, and not merely found. */
  readonly configNamed: boolean;
}

export interface MoveSettings {
  readonly from: SqliteSettings;
  readonly to: PostgresSettings;
  /** The config names the target already. */
  readonly configured: boolean;
}

/**
 * Null where the config has a mistake, which is then told on stderr.
 * @throws RelayError `usage` where the two sides are not known, or are none that can be moved between.
 */
export async function moveSettings(given: MoveArguments): Promise<MoveSettings | null> {
  const found = await journalOfConfig(given);
  if (found === null) return null;
  const { journal } = found;
  const from = given.from === undefined ? journal : await read('--from', given.from);
  if (from?.kind !== 'sqlite') throw new RelayError('usage', `${from === null ? NO_FROM : FROM_DATABASE} ${SEE_HELP}`);
  const to = await targetOf(given, journal);
  const configured = journal?.kind === 'postgres' && placeOf(journal) === to.place;
  return { from, to, configured };
}

const SEE_HELP = 'See move --help.';
const NO_FROM = 'Say which journal to move: --from FILE, or a config whose journal it is.';
const FROM_DATABASE = 'Only a journal in a file can be moved: name it with --from FILE.';
const NO_TO = 'Say where to: --to postgres://…, or a config that names it already.';
const TO_FILE = 'A journal can be moved to Postgres alone: --to postgres://user:password@host:5432/database.';

/** TLS, pool and schema are the config's, where it names the same database. */
async function targetOf({ to, schema }: MoveArguments, journal: JournalSettings | null): Promise<PostgresSettings> {
  const ofConfig = journal?.kind === 'postgres' ? journal : null;
  const address = to ?? ofConfig?.url.reveal();
  if (address === undefined) throw new RelayError('usage', `${NO_TO} ${SEE_HELP}`);
  if (isFile(address)) throw new RelayError('usage', `${TO_FILE} ${SEE_HELP}`);
  const written = await read('--to', { url: address });
  const same = written.kind === 'postgres' && written.url.reveal() === ofConfig?.url.reveal() ? ofConfig : null;
  const named = await read('--schema', { url: address, schema: schema ?? same?.schema });
  if (named.kind !== 'postgres') throw new RelayError('usage', `${TO_FILE} ${SEE_HELP}`);
  return same === null ? named : { ...same, schema: named.schema, place: named.place };
}

/** As the config would be read, with the same rules. `option`: what is to blame where it is wrong. */
async function read(option: string, journal: string | object): Promise<JournalSettings> {
  const document = readDocument(JSON.stringify({ journal }), option);
  const checked = check(journalSchema, document, ['journal']);
  const { settings, problems } = checked.ok
    ? await buildJournal(checked.value, document, process.cwd())
    : { settings: null, problems: checked.problems };
  if (settings !== null) return settings;
  const [first] = problems;
  const message = first?.message.replace(/^journal(\.\w+)*: /, '') ?? '';
  throw new RelayError('usage', `${option}: ${message} ${first?.remedy ?? ''}`.trimEnd());
}

/**
 * Only its journal is asked for: what else is not set in this environment does not matter. `journal` is null where
 * there is no config, or it does not matter.
 */
async function journalOfConfig({ config: file, configNamed, from, to }: MoveArguments) {
  if (!existsSync(file) && !configNamed) return { journal: null };
  const missing = await missingForJournal(file, process.env);
  const { config, problems } = await loadConfig(file, await sandboxVariables(file, process.env, 'forget'));
  if (config !== null && missing.length === 0) return { journal: config.journal };
  if (from !== undefined && to !== undefined && !configNamed) return { journal: null };
  if (config === null) {
    printProblems(problems, process.stderr);
    process.stderr.write(`alo-relay: ${file} has ${countProblems(problems)}.\n`);
    return null;
  }
  throw new RelayError('usage', `The journal of ${file} is not known: ${missing.join(', ')} is not set.`);
}
