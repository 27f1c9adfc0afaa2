/** The example config and the shipped templates. */
import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { makeFolder } from './home.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'config.example.yaml');

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const TOKEN = 'xoxb-never-to-be-seen';
/** Those that the example reads. */
export const VARIABLES: Readonly<Record<string, string>> = {
  ALO_WEBHOOK_SECRET: SECRET,
  ALLO_WEBHOOK_SECRET: SECRET,
  SLACK_BOT_TOKEN: TOKEN,
};

/** A problem fails the test. */
export async function loadWith(variables: Readonly<Record<string, string>>, file = EXAMPLE): Promise<Config> {
  const { config, problems } = await loadConfig(file, variables);
  if (config === null) throw new Error(JSON.stringify(problems));
  return config;
}

/** Gives a folder of the test's own, with the example as `config.yaml`, and `templates`. */
export async function copyExample(): Promise<string> {
  const folder = await makeFolder('templates');
  await cp(EXAMPLE, join(folder, 'config.yaml'));
  return folder;
}
