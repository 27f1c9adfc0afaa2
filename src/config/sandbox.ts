/**
 * Variables in sandbox mode: one that is not set gets a random value, kept beside the journal, where `send` finds
 * it too. The values open nothing but that sandbox.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readDocument } from '../language/document.ts';
import { substituteVariables, type Variables } from './environment.ts';
import { DEFAULT_JOURNAL } from './schema.ts';

const kept = z.record(z.string(), z.string());

/**
 * `variables` and, for what it lacks, the kept or new random values. `keep` stores new ones; `forget` does not;
 * `known` makes none up. A config that cannot be read gives `variables` alone: loading it will say why.
 */
export async function sandboxVariables(
  configFile: string,
  variables: Variables,
  mode: 'keep' | 'forget' | 'known',
): Promise<Variables> {
  const text = await readFile(configFile, 'utf8').catch(() => null);
  if (text === null) return variables;
  const { journal, missing } = inspect(text, configFile, variables);
  const file = `${resolve(dirname(resolve(configFile)), journal)}.sandbox.json`;
  const values = await readKept(file);
  const lacking = missing.filter((name) => values[name] === undefined);
  if (mode !== 'known') for (const name of lacking) values[name] = randomValue();
  if (mode === 'keep' && lacking.length > 0) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(values, null, 2)}\n`, { mode: 0o600 });
  }
  return { ...values, ...variables };
}

/** Where the journal is, and which variables have neither value nor default. */
function inspect(text: string, configFile: string, variables: Variables): { journal: string; missing: string[] } {
  const missing = new Set<string>();
  const { value } = readDocument(
    text,
    configFile,
    substituteVariables(variables, (name) => missing.add(name)),
  );
  const journal: unknown = Object(value).journal;
  return { journal: typeof journal === 'string' && journal !== '' ? journal : DEFAULT_JOURNAL, missing: [...missing] };
}

async function readKept(file: string): Promise<Record<string, string>> {
  try {
    return kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}

/** Fit for every signature scheme: a Standard Webhooks secret of 32 bytes. */
function randomValue(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
