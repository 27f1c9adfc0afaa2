import { once } from 'node:events';
import { Command, Option } from 'commander';
import { type App, type AppOptions, createApp } from '../app.ts';
import { adminUrl } from '../client/admin-url.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { sandboxJournal, sandboxVariables } from '../config/sandbox.ts';
import { RelayError } from '../core/errors.ts';
import { createLogger, LOG_LEVELS, type Logger } from '../core/log.ts';
import { Secret } from '../core/secret.ts';
import type { SampleEvents } from '../sandbox/panel/sample-events.ts';
import type { Sandbox } from '../sandbox/server.ts';
import { releaseIdleMemory, thisProcess } from './idle-memory.ts';
import { configOption, wholeNumber } from './options.ts';
import { countProblems, printProblems } from './problems.ts';
import { createSystemd, isJournalStream, type Systemd } from './systemd.ts';

const SANDBOX_PORT = 3002;
const LINGER_MS = 1_000;
/** After a signal, whatever hangs, be it a start that waits for a database: an orchestrator kills at 20 s. */
const END_WITHIN_MS = 18_500;

interface Options {
  readonly config: string;
  readonly sandbox?: boolean;
  readonly sandboxPort: number;
  readonly logLevel: string;
}

export function serveCommand(exit: (code: number) => void): Command {
  return new Command('serve')
    .description('Run the service: receive webhooks, post to Slack.')
    .addOption(configOption())
    .option('--sandbox', 'post to a Slack workspace inside the process, with a page that shows it; needs no account')
    .option('--sandbox-port <port>', "the sandbox page's port", wholeNumber(0, 65_535), SANDBOX_PORT)
    .addOption(new Option('--log-level <level>', 'what is logged').choices(LOG_LEVELS).env('LOG_LEVEL').default('info'))
    .addHelpText('after', '\nExample:\n  alo-relay serve --config config.yaml\n')
    .action(async (options: Options) => exit(await serve(options)));
}

async function serve(options: Options): Promise<number> {
  const { config: file } = options;
  const isSandbox = options.sandbox === true;
  const variables = isSandbox ? await sandboxVariables(file, process.env, 'keep') : process.env;
  const load = () => loadConfig(file, variables, isSandbox ? sandboxJournal(file) : undefined);
  const { config, problems } = await load();
  printProblems(problems, process.stderr);
  if (config === null) {
    process.stderr.write(`alo-relay: ${file} has ${countProblems(problems)}; not started.\n`);
    return 1;
  }
  const journal = isJournalStream(process.env, process.stdout.fd);
  const log = await createLogger({ level: options.logLevel, terminal: process.stdout.isTTY, journal });
  const systemd = createSystemd({ environment: process.env, log });
  const sandbox = isSandbox ? await openSandbox(options, config) : null;
  ignoreStraySignals();
  // Before anybody is told that it is ready.
  const signalled = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  // What is cut off by it is found by the next start, as after a crash.
  void signalled.then(() => setTimeout(() => process.exit(0), END_WITHIN_MS).unref());
  try {
    const app = createApp({ config, slack: slackOf(config, sandbox), log, load, variables });
    await app.start();
    process.on('SIGHUP', () => void app.reload());
    sandbox?.attach(await sampleEventsFor(app, config));
    void systemd.ready(`Receiving webhooks on port ${app.address().port}`);
    // Loaded now: it is not what readiness waits for.
    const { banner } = await import('./banner.ts');
    // Standard output is JSON lines where nobody looks at it, and nothing else.
    const where = process.stdout.isTTY ? process.stdout : process.stderr;
    where.write(banner({ file, config, address: app.address(), admin: app.adminAddress(), sandbox }));
    const stopReleasing = releaseIdleMemory(thisProcess());
    return await runToTheEnd(app, signalled, { log, systemd }).finally(stopReleasing);
  } finally {
    await sandbox?.close();
  }
}

/** Loaded only when asked for: a service that talks to Slack carries none of it. */
async function openSandbox(options: Options, config: Config): Promise<Sandbox> {
  const [{ startSandbox }, { sendHint }] = await Promise.all([import('../sandbox/server.ts'), import('./banner.ts')]);
  return startSandbox({ port: options.sandboxPort, hint: sendHint(options.config, config) });
}

/** The buttons of the sandbox's page send to this very process, and ask it for its status. */
async function sampleEventsFor(app: App, { sources, admin }: Config): Promise<SampleEvents> {
  const { createSampleEvents } = await import('./sample-events.ts');
  const { address: host, port } = app.address();
  const adminPort = app.adminAddress()?.port;
  return createSampleEvents({
    sources,
    url: adminUrl({ host, port }),
    admin: adminPort === undefined ? null : { ...admin, port: adminPort },
  });
}

/**
 * SIGUSR1 would open Node's inspector, SIGUSR2 end the process, and so would SIGHUP before there is something to reload.
 */
function ignoreStraySignals(): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const) process.on(signal, () => undefined);
}

function slackOf(config: Config, sandbox: Sandbox | null): AppOptions['slack'] {
  const { token, apiUrl } = config.slack;
  if (sandbox !== null) {
    return { token: token ?? new Secret('xoxb-sandbox'), apiUrl: sandbox.apiUrl, keepsPeople: false };
  }
  if (token === null || token.reveal().trim() === '') throw new RelayError('no-slack-token');
  return { token, apiUrl };
}

/** Until a signal: 0. Or until nothing can be accepted any more: 1, for whoever keeps the service running to start it again. */
async function runToTheEnd(
  app: App,
  signalled: Promise<unknown[]>,
  { log, systemd }: { readonly log: Logger; readonly systemd: Systemd },
): Promise<number> {
  const end = await Promise.race([signalled, app.failed()]);
  if (end instanceof Error) log.fatal({ err: end }, 'stopping');
  else log.info({ signal: end[0] }, 'stopping');
  void systemd.stopping();
  // A second signal does not wait.
  process.once('SIGINT', () => process.exit(130));
  await app.stop();
  log.info('stopped');
  // A call to Slack that hangs would keep the process until its time-out.
  setTimeout(() => process.exit(), LINGER_MS).unref();
  return end instanceof Error ? 1 : 0;
}
