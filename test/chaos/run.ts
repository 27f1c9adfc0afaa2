/** `npm run chaos`: kills and restarts the real program under load and faults, and checks every event id. */
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { whyNoLoopDisk } from '../helpers/loop-disk.ts';
import { runChaos } from './chaos.ts';
import { type ClusterPlan, makeClusterPlan } from './cluster-plan.ts';
import { makePlan, type Plan } from './plan.ts';
import { explanation, isGood, summary, table } from './report.ts';
import { MODES } from './scenery.ts';
import { builtProgram, killAll, type Program, sourceProgram } from './service.ts';

const USAGE = `npm run chaos -- [options]

  --instances N several on one Postgres, or one on a file of its own (1)
  --events N    events that are sent (20000; of several instances 10000)
  --kills N     times the service is killed (220; of several instances 120)
  --pauses N    times that one of several instances is stopped, and goes on later (30)
  --power-losses N  times that the power goes, beside the kills; needs rights to mount an image of a disk (0)
  --mode MODE   merged: with merging, quiet hours and thresholds, as users have it; singly: without (merged)
  --seed N      one seed, one plan; without it, another one every time
  --logs FOLDER where each instance's log goes
  --source      run src/ instead of dist/
  --quiet       only the result
  --json        the result as JSON

Exit code: 0, 1 where anything was lost, duplicated, out of order or unaccounted for, 2 for wrong usage.

Example:
  npm run chaos -- --events 400 --kills 20 --seed 1
  npm run chaos -- --instances 3 --events 400 --kills 12 --pauses 3
`;

interface Options {
  readonly plan: Plan | ClusterPlan;
  readonly logs: string | null;
  readonly program: Program;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Null for --help. Throws what is wrong. */
function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      instances: { type: 'string', default: '1' },
      events: { type: 'string' },
      kills: { type: 'string' },
      pauses: { type: 'string' },
      'power-losses': { type: 'string' },
      mode: { type: 'string', default: 'merged' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      logs: { type: 'string' },
      source: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    plan: planFor(values),
    logs: values.logs === undefined ? null : resolve(values.logs),
    program: values.source ? sourceProgram() : builtProgram(),
    quiet: values.quiet || values.json,
    json: values.json,
  };
}

const DEFAULTS = {
  one: { events: '20000', kills: '220' },
  several: { events: '10000', kills: '120', pauses: '30' },
} as const;

interface PlanValues {
  readonly mode: string;
  readonly seed: string;
  readonly instances: string;
  readonly events?: string | undefined;
  readonly kills?: string | undefined;
  readonly pauses?: string | undefined;
  readonly 'power-losses'?: string | undefined;
}

function planFor(values: PlanValues): Plan | ClusterPlan {
  const mode = MODES.find((known) => known === values.mode);
  if (mode === undefined) throw new Error(`--mode takes ${MODES.join(' or ')}.`);
  const instances = wholeNumber('instances', values.instances, 1);
  const { one, several } = DEFAULTS;
  const otherwise = instances === 1 ? one : several;
  const options = {
    mode,
    events: wholeNumber('events', values.events ?? otherwise.events, 1),
    kills: wholeNumber('kills', values.kills ?? otherwise.kills, 1),
    seed: wholeNumber('seed', values.seed, 0),
  };
  const powerLosses = wholeNumber('power-losses', values['power-losses'] ?? '0', 0);
  if (instances > 1) {
    if (powerLosses > 0) throw new Error('--power-losses is for one instance.');
    const pauses = wholeNumber('pauses', values.pauses ?? several.pauses, 0);
    return makeClusterPlan({ ...options, instances, pauses });
  }
  if (values.pauses !== undefined) throw new Error('--pauses is for several --instances.');
  const whyNot = powerLosses > 0 ? whyNoLoopDisk() : null;
  if (whyNot !== null) throw new Error(`--power-losses: ${whyNot}.`);
  return makePlan({ ...options, powerLosses });
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
  const { program, plan, logs, quiet, json } = options;
  if (logs !== null) await mkdir(logs, { recursive: true });
  if (program.warning !== null) console.error(program.warning);
  const live = process.stderr.isTTY && !quiet;
  const tell = (progress: string) => {
    if (live) process.stderr.write(`\r\x1b[K${progress}`);
  };
  const report = await runChaos({ plan, program, logs, tell });
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
// What ends an embedded Postgres with this process would end it with 0.
process.exit(await main());
