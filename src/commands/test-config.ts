/** The config for dry runs: whatever is secret in it need not be known. */
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { sandboxVariables } from '../config/sandbox.ts';
import { isError } from '../core/problem.ts';
import { countProblems, printProblems } from './problems.ts';

export interface OfflineConfig {
  readonly config: Config;
  /** The values that stand in for variables that are not set. */
  readonly standIns: ReadonlySet<string>;
}

/** Null where the config has a mistake, which is then told on stderr. */
export async function loadOffline(file: string): Promise<OfflineConfig | null> {
  const variables = await sandboxVariables(file, process.env, 'forget');
  const missing = Object.keys(variables).filter((name) => process.env[name] === undefined);
  const { config, problems } = await loadConfig(file, variables);
  if (config !== null) {
    const values = missing.map((name) => variables[name]).filter((value) => value !== undefined);
    return { config, standIns: new Set(values) };
  }
  printProblems(problems.filter(isError), process.stderr);
  const filled =
    missing.length === 0 ? '' : ` Variables that are not set were given random values: ${missing.join(', ')}.`;
  process.stderr.write(`alo-relay: ${file} has ${countProblems(problems)}.${filled}\n`);
  return null;
}
