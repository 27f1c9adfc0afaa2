/**
 * Variables in sandbox mode: one that is not set gets a random value, kept beside the journal, where `send` finds
 * it too. The values open nothing but that sandbox.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readDocument } from '../language/document.ts';
import { referredVariables, substituteVariables, type Variables } from './environment.ts';

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
  const file = variablesFile(configFile, text, variables);
  const values = await readKept(file);
  const missing = referredVariables(text).filter((name) => variables[name] === undefined && values[name] === undefined);
  if (mode !== 'known') for (const name of missing) values[name] = randomValue();
  if (mode === 'keep' && missing.length > 0) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(values, null, 2)}\n`, { mode: 0o600 });
  }
  return { ...values, ...variables };
}

function variablesFile(configFile: string, text: string, variables: Variables): string {
  const { value } = readDocument(text, configFile, substituteVariables(variables));
  const journal: unknown = Object(value).journal;
  const path = typeof journal === 'string' && journal !== '' ? journal : './data/relay.db';
  return `${resolve(dirname(resolve(configFile)), path)}.sandbox.json`;
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
