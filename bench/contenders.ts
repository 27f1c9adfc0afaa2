/** The programs that are compared, each started afresh for every repetition. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHANNEL, SHORT_TEMPLATE, TEMPLATE } from './events.ts';
import { freePort, type Server, startServer } from './processes.ts';

export interface Setting {
  /** An empty folder for whatever it writes. */
  readonly folder: string;
  readonly secret: string;
  /** Slack's Web API; not every contender calls it. */
  readonly slackUrl: string;
}

/** Where each of them takes the load's events. */
export const WEBHOOK_PATH = '/webhooks/bench';

export const PROGRAM = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

export interface Load {
  /** Messages a second in one channel. */
  readonly pace: { readonly per_second: number; readonly burst: number };
  readonly channel: string;
  /** `delivery.merge`; false: one message an event, as the others do it. */
  readonly merge: false | { readonly when_waiting: number; readonly max_lines: number };
  /** Default: what the others write, too. */
  readonly template?: string;
  /** Default: a SQLite file in the folder. */
  readonly journal?: string;
}

/** Whatever comes, in 50 channels: what the others do, too. */
export const UNPACED: Load = { pace: { per_second: 10_000, burst: 10_000 }, channel: CHANNEL, merge: false };

/** One channel, as fast as Slack lets one be. */
export const ONE_CHANNEL: Load = { pace: { per_second: 1, burst: 3 }, channel: '#phones', merge: false };

/** The same, as it is by default: what backs up becomes digests. */
export const STORM: Load = { ...ONE_CHANNEL, merge: { when_waiting: 5, max_lines: 60 }, template: SHORT_TEMPLATE };

/** One message a channel and then, for as long as a benchmark takes, silence. */
export const ALMOST_STILL: Load = { pace: { per_second: 0.01, burst: 1 }, channel: '#phones', merge: false };

/** Koa, nothing kept, nothing sent. */
export function startNaive({ folder, secret }: Setting): Promise<Server> {
  return startScript('koa.ts', [secret], folder);
}

/** Awaits its post to Slack before it answers; nothing kept. */
export function startBolt({ folder, secret, slackUrl }: Setting): Promise<Server> {
  return startScript('bolt.js', [secret, slackUrl], folder);
}

/** Only listens. */
export function startIdleBolt({ folder }: Setting): Promise<Server> {
  return startScript('bolt.js', [], folder);
}

export interface Relay extends Server {
  /** The admin listener's. */
  readonly adminOrigin: string;
}

/** The real program with a real config: the journal on this disk, one template, one route, logs into a file. */
export async function startRelay(
  { folder, secret, slackUrl }: Setting,
  { pace, channel, merge, template = TEMPLATE, journal = './relay.db' }: Load,
): Promise<Relay> {
  const port = await freePort();
  const adminPort = await freePort();
  const config = {
    server: { host: '127.0.0.1', port },
    admin: { port: adminPort },
    journal,
    sources: { bench: { type: 'allo', secrets: [secret] } },
    slack: { token: 'xoxb-bench', api_url: slackUrl },
    delivery: { per_channel: pace, merge },
    templates: './templates',
    routes: [{ name: 'calls', source: 'bench', on: 'call.completed', post: { channel, template: 'call_completed' } }],
  };
  const file = join(folder, 'config.yaml');
  await mkdir(join(folder, 'templates'), { recursive: true });
  await writeFile(join(folder, 'templates', 'call_completed.yaml'), `text: ${JSON.stringify(template)}\n`);
  // What is JSON is YAML.
  await writeFile(file, JSON.stringify(config, null, 2));
  const logFile = join(folder, 'output.log');
  const server = await startServer({ args: [PROGRAM, 'serve', '--config', file], port, logFile });
  return { ...server, adminOrigin: `http://127.0.0.1:${adminPort}` };
}

async function startScript(script: string, args: readonly string[], folder: string): Promise<Server> {
  const port = await freePort();
  const path = fileURLToPath(new URL(script, import.meta.url));
  return startServer({ args: [path, String(port), ...args], port, logFile: join(folder, 'output.log') });
}
