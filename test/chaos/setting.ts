/** A folder with everything that lives of the service need: configs, templates, and a journal of one's own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../helpers/free-port.ts';
import { PEOPLE } from './events.ts';
import { TIMEOUT_MS } from './faults.ts';
import type { RunPlan } from './plan.ts';
import { placeWindows, type QuietWindow, timeOfDay } from './quiet.ts';
import { ALARM, FALLBACK_CHANNEL, MAX_LINES, QUIET_HOURS, routesFor, TEMPLATES, userOf } from './scenery.ts';

export const SECRETS = {
  allo: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  alo: 'alo-secret-for-the-chaos-0123456789',
} as const;

export interface Setting {
  readonly folder: string;
  readonly instances: readonly Instance[];
  /** In order. */
  readonly quiet: readonly QuietWindow[];
  remove(): Promise<void>;
}

/** Their configs differ in their ports only. */
export interface Instance {
  readonly port: number;
  readonly adminPort: number;
  readonly config: string;
  /** The same, with a retention that is over at once. */
  readonly pruning: string;
}

/** What ended longer ago is pruned, where a life prunes. */
const PRUNING_RETENTION_MS = 1_000;
const RETENTION_MS = 30 * 86_400_000;

const MERGE = { when_waiting: 3, max_lines: MAX_LINES } as const;

interface Surroundings {
  readonly slackUrl: string;
  /** The config's `journal`. */
  readonly journal: string;
}

/** Quiet hours are placed from now on. */
export async function makeSetting(plan: RunPlan, surroundings: Surroundings): Promise<Setting> {
  const quiet = placeWindows(plan.quiet, Date.now());
  const folder = await mkdtemp(join(tmpdir(), 'relay-chaos-'));
  const configFor = configWith(plan, quiet, surroundings);
  const instances: Instance[] = [];
  for (let number = 1; number <= plan.instances; number++) {
    // Every life listens on the same ones, as senders know them.
    const ports = { port: await freePort(), adminPort: await freePort() };
    const [config, pruning] = [join(folder, `config-${number}.yaml`), join(folder, `pruning-${number}.yaml`)];
    // What is JSON is YAML.
    await writeFile(config, JSON.stringify(configFor(ports, RETENTION_MS), null, 2));
    await writeFile(pruning, JSON.stringify(configFor(ports, PRUNING_RETENTION_MS), null, 2));
    instances.push({ ...ports, config, pruning });
  }
  await mkdir(join(folder, 'templates'));
  for (const [file, template] of Object.entries(TEMPLATES)) {
    await writeFile(join(folder, 'templates', file), JSON.stringify(template));
  }
  return { folder, instances, quiet, remove: () => rm(folder, { recursive: true, force: true }) };
}

function configWith(plan: RunPlan, quiet: readonly QuietWindow[], { slackUrl, journal }: Surroundings) {
  const merged = plan.mode === 'merged';
  const fields = { action_title: 'payload.data.title', action_url: 'payload.data.url' };
  return ({ port, adminPort }: Pick<Instance, 'port' | 'adminPort'>, retentionMs: number) => ({
    server: { host: '127.0.0.1', port },
    admin: { host: '127.0.0.1', port: adminPort },
    journal,
    retention: `${retentionMs}ms`,
    sources: {
      allo: { type: 'allo', secrets: [SECRETS.allo], fields },
      alo: { type: 'alo', secrets: [SECRETS.alo], fields, dedupe: { key: 'payload.event_id' } },
    },
    slack: { token: 'xoxb-chaos', api_url: slackUrl, fallback_channel: `#${FALLBACK_CHANNEL}` },
    people: { match_by_email: false, map: Object.fromEntries(PEOPLE.map((person) => [person, userOf(person)])) },
    ...(merged && { quiet_hours: { [QUIET_HOURS]: quiet.map(written) } }),
    delivery: {
      per_channel: { per_second: plan.perSecond, burst: merged ? 1 : 10_000 },
      retry: { first: '20ms', max: '500ms' },
      timeout: `${TIMEOUT_MS}ms`,
      unknown_outcome: 'resend',
      merge: merged ? MERGE : false,
    },
    templates: './templates',
    // Counts are kept no longer. No alarm comes while a life prunes.
    routes: routesFor(plan.mode, Math.min(ALARM.withinMs, retentionMs)),
  });
}

function written({ from, until }: QuietWindow) {
  return { timezone: 'UTC', from: timeOfDay(from), to: timeOfDay(until) };
}
