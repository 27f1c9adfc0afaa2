/**
 * The sandbox's files, beside the config: a journal of its own, and the random values of variables that are not set.
 * `send` and the other commands find both there. The values open nothing but that sandbox.
 *
 * A variable in the `journal:` of the config is replaced by an address that leads nowhere: the sandbox does not open it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isFile } from '../journal/database-url.ts';
import type { SqliteSettings } from '../journal/settings.ts';
import { DEFAULT_JOURNAL } from '../journal/settings-schema.ts';
import { readDocument } from '../language/document.ts';
import { substituteVariables, type Variables, variablesIn } from './environment.ts';
import { addressPath } from './journal.ts';
import { resolveVariables } from './variable-files.ts';

const JOURNAL = 'data/relay.sandbox.db';
const SECRETS = 'data/relay.sandbox.json';

const kept = z.record(z.string(), z.string());

/** For addresses that nobody goes to: a whole one, and what fits wherever a variable may stand within one. */
const NOWHERE = 'postgres://unknown.invalid/unknown';
const ANY = '1';

/** Whatever the config's own journal is. */
export function sandboxJournal(configFile: string): SqliteSettings {
  return { kind: 'sqlite', path: beside(configFile, JOURNAL) };
}

/**
 * `variables` and, for what it lacks, the kept or new random values. `keep` stores new ones; `forget` does not; `known`
 * makes none up. A config that cannot be read gives `variables` alone: loading it will say why.
 */
export async function sandboxVariables(
  configFile: string,
  variables: Variables,
  mode: 'keep' | 'forget' | 'known',
): Promise<Variables> {
  const text = await readFile(configFile, 'utf8').catch(() => null);
  if (text === null) return variables;
  const { journal, missing, ofJournal } = await inspect(text, configFile, variables);
  const file = beside(configFile, SECRETS);
  // Version 0.1 kept them beside the journal.
  const former = `${beside(configFile, journal)}.sandbox.json`;
  const now = await readKept(file);
  const values = now ?? (await readKept(former)) ?? {};
  const lacking = missing.filter((name) => values[name] === undefined);
  if (mode !== 'known') for (const name of lacking) values[name] = randomValue();
  if (mode === 'keep' && (lacking.length > 0 || now === null)) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    if (now === null) await rename(former, file).catch(() => undefined);
    await writeFile(file, `${JSON.stringify(values, null, 2)}\n`, { mode: 0o600 });
  }
  // What a file holds is not missing, and comes before what was kept.
  const used = Object.fromEntries(missing.map((name) => [name, values[name]]));
  return { ...used, ...Object.fromEntries(ofJournal), ...variables };
}

function beside(configFile: string, path: string): string {
  return resolve(dirname(resolve(configFile)), path);
}

/** The variables of the journal's address that are not set and have no default: without them it is not known. */
export async function missingForJournal(configFile: string, variables: Variables): Promise<readonly string[]> {
  const text = await readFile(configFile, 'utf8').catch(() => null);
  return text === null ? [] : [...(await inspect(text, configFile, variables)).ofJournal.keys()];
}

interface Inspected {
  /** The file of the config's journal, or what it would be. */
  readonly journal: string;
  /** Variables with neither value nor default, but for those of the journal's address. */
  readonly missing: readonly string[];
  /** The others, each with what can stand in for it. */
  readonly ofJournal: ReadonlyMap<string, string>;
}

async function inspect(text: string, configFile: string, variables: Variables): Promise<Inspected> {
  const lacking = new Set<string>();
  const resolved = await resolveVariables(variablesIn(text), variables);
  const { value, asWritten } = readDocument(
    text,
    configFile,
    substituteVariables(resolved, (name) => lacking.add(name)),
  );
  const journal: unknown = Object(value).journal;
  const address = asWritten(addressPath(journal)) ?? '';
  const isWhole = (reference: string) =>
    address.startsWith(reference) && /^(\?|$)/.test(address.slice(reference.length));
  const found = [...lacking].flatMap((name): [string, string][] => {
    const reference = `\${${name}}`;
    return address.includes(reference) ? [[name, isWhole(reference) ? NOWHERE : ANY]] : [];
  });
  const ofJournal = new Map(found);
  return {
    journal: typeof journal === 'string' && isFile(journal) ? journal : DEFAULT_JOURNAL,
    missing: [...lacking].filter((name) => !ofJournal.has(name)),
    ofJournal,
  };
}

/** Null where there is no such file, or it is not one of these. */
async function readKept(file: string): Promise<Record<string, string> | null> {
  try {
    return kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Fit for every signature scheme: a Standard Webhooks secret of 32 bytes. */
function randomValue(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
