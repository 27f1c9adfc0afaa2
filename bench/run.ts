/**
 * The benchmark: what alo-relay promises, measured against others on the same machine in the same run. Absolute
 * numbers are the machine's; the ratios count. Exits with 1 where a target is missed.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { accept } from './accept.ts';
import { archive } from './archive.ts';
import { backlog } from './backlog.ts';
import type { Case } from './bench.ts';
import { cluster } from './cluster.ts';
import { PROGRAM } from './contenders.ts';
import { flood } from './flood.ts';
import { isolation } from './isolation.ts';
import { latency } from './latency.ts';
import { isMet, type Verdict } from './measure.ts';
import { json, table } from './report.ts';
import { slots } from './slots.ts';
import { start } from './start.ts';
import { storm } from './storm.ts';

const CASES: Readonly<Record<string, Case>> = {
  accept,
  latency,
  flood,
  start,
  backlog,
  isolation,
  slots,
  storm,
  cluster,
  archive,
};
const MOST_RUNS = 20;

const USAGE = `Usage: npm run bench -- [--only ${Object.keys(CASES).join('|')}]… [--runs N] [--json]\n`;

async function main(): Promise<number> {
  const values = read();
  if (values instanceof Error) return usage(values.message);
  const runs = Number(values.runs);
  const unknown = values.only.find((name) => CASES[name] === undefined);
  if (unknown !== undefined) return usage(`There is no case "${unknown}".`);
  if (!Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS) return usage(`--runs takes 1 to ${MOST_RUNS}.`);
  if (!existsSync(PROGRAM)) return usage('There is no built program to measure: npm run build first.');

  const verdicts: Verdict[] = [];
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  for (const name of values.only) verdicts.push(...((await CASES[name]?.({ runs, tell })) ?? []));
  process.stdout.write(values.json ? json(verdicts) : `\n${table(verdicts)}`);
  const missed = verdicts.filter((verdict) => !isMet(verdict)).map(({ measure }) => measure);
  if (missed.length > 0) process.stderr.write(`\nMissed: ${missed.join('; ')}.\n`);
  return missed.length === 0 ? 0 : 1;
}

function read() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: Object.keys(CASES) },
        runs: { type: 'string', default: '3' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function usage(problem: string): number {
  process.stderr.write(`${problem}\n${USAGE}`);
  return 2;
}

// The embedded Postgres ends the process with 0, whatever its exit code was to be.
process.exit(await main());
