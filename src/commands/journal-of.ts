/** The journal that a config names, for commands that need nothing else of it: no other part is read. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { substituteVariables, variablesIn } from '../config/environment.ts';
import { addressPath, buildJournal } from '../config/journal.ts';
import { loadConfig } from '../config/load.ts';
import { missingForJournal, sandboxJournal } from '../config/sandbox.ts';
import { configSchema } from '../config/schema.ts';
import { resolveVariables } from '../config/variable-files.ts';
import { RelayError } from '../core/errors.ts';
import type { JournalSettings } from '../journal/settings.ts';
import { readDocument } from '../language/document.ts';
import { check } from '../language/schema.ts';
import { tellOfSandbox } from './open-history.ts';
import { countProblems, printProblems } from './problems.ts';

/**
 * The sandbox's journal where the config's own is a file that is missing and the sandbox has run. Null where the config
 * has a mistake, which is then told on stderr.
 */
export async function journalOf(file: string): Promise<JournalSettings | null> {
  const missing = await missingForJournal(file, process.env);
  if (missing.length > 0) throw new RelayError('journal-unknown', missing.join(', '));
  const { settings, problems } = await read(file);
  if (settings === null) {
    printProblems(problems, process.stderr);
    process.stderr.write(`alo-relay: ${file} has ${countProblems(problems)}.\n`);
    return null;
  }
  const ofSandbox = sandboxJournal(file);
  if (settings.kind === 'postgres' || existsSync(settings.path) || !existsSync(ofSandbox.path)) return settings;
  tellOfSandbox();
  return ofSandbox;
}

async function read(file: string) {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return { settings: null, problems: (await loadConfig(file, {})).problems };
  const written = readDocument(text, file);
  const address = written.asWritten(addressPath(Object(written.value).journal)) ?? '';
  const resolved = await resolveVariables(variablesIn(address), process.env);
  const document = readDocument(text, file, substituteVariables(resolved));
  const unreadable = document.problems.filter(({ code }) => code === 'yaml');
  if (unreadable.length > 0) return { settings: null, problems: unreadable };
  const checked = check(configSchema.shape.journal, document, ['journal']);
  if (!checked.ok) return { settings: null, problems: checked.problems };
  return buildJournal(checked.value, document, dirname(resolve(file)));
}
