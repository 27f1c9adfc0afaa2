/**
 * What it takes to ask a running service: the `admin:` block of the config, and its journal as far as that is known. No
 * source, route or template is read, and no variable of theirs needs a value.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Problem } from '../core/problem.ts';
import type { JournalSettings } from '../journal/settings.ts';
import { readDocument, type SourceDocument } from '../language/document.ts';
import { check } from '../language/schema.ts';
import { adminSettings } from './admin.ts';
import type { AdminSettings } from './config.ts';
import { substituteVariables, unreported, type Variables, variablesIn } from './environment.ts';
import { addressPath, buildJournal } from './journal.ts';
import { unreadable } from './load.ts';
import { configSchema } from './schema.ts';
import { resolveVariables } from './variable-files.ts';

interface Access {
  readonly admin: AdminSettings;
  /** Null where it has a mistake, or a variable of it has no value here. */
  readonly journal: JournalSettings | null;
}

export type LoadedAccess =
  | { readonly ok: true; readonly access: Access }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** `tokenKnown`: the one of the config is not needed. Never rejects. */
export async function loadAccess(
  file: string,
  variables: Variables,
  { tokenKnown }: { readonly tokenKnown: boolean },
): Promise<LoadedAccess> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { ok: false, problems: [unreadable(file, error)] };
  }
  const written = readDocument(text, file);
  const paths = ['host', 'port', ...(tokenKnown ? [] : ['token'])].map((key) => ['admin', key]);
  const address = addressPath(Object(written.value).journal);
  const names = [...paths, address].flatMap((path) => variablesIn(written.asWritten(path) ?? ''));
  const resolved = await resolveVariables(names, variables);
  const document = readDocument(text, file, substituteVariables(resolved));
  const checked = check(configSchema.shape.admin, document, ['admin']);
  const problems = problemsAt(paths, document);
  if (!checked.ok) return { ok: false, problems: [...problems, ...unreported(checked.problems, document)] };
  if (problems.length > 0) return { ok: false, problems };
  const journal = check(configSchema.shape.journal, document, ['journal']);
  const built = journal.ok ? await buildJournal(journal.value, document, dirname(resolve(file))) : null;
  return { ok: true, access: { admin: adminSettings(checked.value), journal: built?.settings ?? null } };
}

/** Of the file as a whole, where it is not YAML, or of a variable that is used at one of the paths. */
function problemsAt(paths: readonly (readonly string[])[], { problems, place }: SourceDocument): Problem[] {
  const places = new Set(paths.map((path) => place(path)).map(({ line, column }) => `${line}:${column}`));
  return problems.filter(
    ({ code, severity, line, column }) =>
      code === 'yaml' || (severity !== 'warning' && places.has(`${line}:${column}`)),
  );
}
