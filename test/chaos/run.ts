/** `npm run chaos`: kills and restarts the real program under load and faults, and checks every event id. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { makePlan } from './plan.ts';
import { explanation, isGood, summary, table } from './report.ts';
import { MODES, type Mode } from './scenery.ts';
import { builtProgram, killAll, type Program, sourceProgram } from './service.ts';

const USAGE = `npm run chaos -- [options]

  --events N    events that are sent (20000)
  --kills N     times the service is killed (220)
  --mode MODE   merged: with merging, quiet hours and thresholds, as users have it; singly: without (merged)
  --seed N      one seed, one plan; without it, another one every time
  --source      run src/ instead of dist/
  --quiet       only the result
  --json        the result as JSON

Exit code: 0, 1 where anything was lost, duplicated, out of order or unaccounted for, 2 for wrong usage.

Example:
  npm run chaos -- --events 400 --kills 20 --seed 1
`;

interface Options {
  readonly mode: Mode;
  readonly events: number;
  readonly kills: number;
  readonly seed: number;
  readonly program: Program;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Null for --help. Throws what is wrong. */
function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '20000' },
      kills: { type: 'string', default: '220' },
      mode: { type: 'string', default: 'merged' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      source: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const mode = MODES.find((known) => known === values.mode);
  if (mode === undefined) throw new Error(`--mode takes ${MODES.join(' or ')}.`);
  return {
    mode,
    events: wholeNumber('events', values.events, 1),
    kills: wholeNumber('kills', values.kills, 1),
    seed: wholeNumber('seed', values.seed, 0),
    program: values.source ? sourceProgram() : builtProgram(),
    quiet: values.quiet || values.json,
    json: values.json,
  };
}

function wholeNumber(name: string, written: string, least: number): number {
  const value = Number(written);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} takes a whole number from ${least} on.`);
  return value;
}

async function main(): Promise<number> {
  let options: Options | null;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === null) {
    console.log(USAGE);
    return 0;
  }
  const { program, quiet, json, ...plan } = options;
  if (program.warning !== null) console.error(program.warning);
  const live = process.stderr.isTTY && !quiet;
  const tell = (progress: string) => {
    if (live) process.stderr.write(`\r\x1b[K${progress}`);
  };
  const report = await runChaos({ plan: makePlan(plan), program, tell });
  if (live) process.stderr.write('\r\x1b[K');
  console.log(json ? JSON.stringify(summary(report), null, 2) : table(report));
  if (!isGood(report) && !json) console.error(explanation(report));
  return isGood(report) ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(130);
  });
}
process.exitCode = await main();
