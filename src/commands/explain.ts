import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { RelayError } from '../core/errors.ts';
import type { RelayEvent } from '../core/event.ts';
import { type DryRun, dryRun } from '../dry-run/dry-run.ts';
import { type Choice, chooseSample, chooseSource, eventFrom, type TriedEvent } from '../dry-run/event.ts';
import { INSTANT_HELP, instant, zoneOf } from '../dry-run/instant.ts';
import { withAccounts } from './accounts.ts';
import { printable } from './delivery-table.ts';
import { explainJson } from './explain-json.ts';
import { sendPreviews } from './explain-preview.ts';
import { printRun } from './explain-print.ts';
import { configOption, wholeNumber } from './options.ts';
import { loadForTrial } from './test-config.ts';

interface Options {
  readonly config: string;
  readonly source?: string;
  readonly topic?: string;
  readonly story: number;
  readonly id?: string;
  readonly at?: string;
  readonly sendTo?: string;
  readonly json?: boolean;
}

const EXAMPLE = `
Example:
  alo-relay explain event.json
  alo-relay explain --topic action_assignment_changed --at "sat 11:00"
  alo-relay explain --topic action_created --send-to "#relay-tests"
`;

export function explainCommand(exit: (code: number) => void): Command {
  return new Command('explain')
    .description('What would happen to an event: each route, taken or why not, and every message. Nothing is sent.')
    .argument('[event]', 'a JSON file with the payload as the sender posts it; - for standard input')
    .addOption(configOption())
    .option('--topic <topic>', 'a sample of this topic, as `alo-relay send` sends it')
    .option('--story <n>', 'which of the samples, as for `alo-relay send`', wholeNumber(0, 1_000_000), 0)
    .option('--id <id>', "an event that came in: the sender's id, or our number of it")
    .option('--source <name>', 'the source that sends it; needed where several may')
    .option('--at <time>', 'as if it came in then: 23:00, "sat 11:00", 2026-03-02T09:00Z; default: now')
    .option('--send-to <where>', 'really post a preview of each message there: "#channel", or an e-mail address')
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLE)
    .action(async (file: string | undefined, options: Options) => exit(await explain(file, options)));
}

async function explain(file: string | undefined, options: Options): Promise<number> {
  // Whoever reads has read enough, as `head` does.
  process.stdout.on('error', () => undefined);
  const given = [file, options.topic, options.id].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new RelayError(
      'usage',
      'One event is needed: a file with a payload, --topic TOPIC for a sample, or --id ID.',
    );
  }
  const loaded = await loadForTrial(options.config);
  if (loaded === null) return 1;
  const { config } = loaded;
  const tell = async (runs: readonly DryRun[]): Promise<number> => {
    print(runs, config, options);
    const sent = options.sendTo === undefined || (await sendPreviews(runs, options.sendTo, loaded));
    const failed = runs.some(({ routes }) =>
      routes.some(({ deliveries }) => deliveries.some(({ fault }) => fault !== null)),
    );
    return failed || !sent ? 1 : 0;
  };
  const { id } = options;
  if (id !== undefined) {
    return withAccounts(options.config, async ({ accounts }) => {
      const events = await accounts.stored(id);
      if (events.length > 0) return tell(await journaled(events, { config, options }));
      process.stderr.write(
        `alo-relay: no event has the id or number ${printable(id)}: it never came, or it was pruned.\n`,
      );
      return 1;
    });
  }
  const now = Date.now();
  const at = instantOf(options, config, now) ?? now;
  const { event, handshake } = await eventOf(file, at, { config, options });
  if (handshake) {
    process.stdout.write("This is ALO's handshake: it is answered with its challenge, and nothing is relayed.\n");
    return 0;
  }
  return tell([await dryRun(event, config, { at })]);
}

interface Setting {
  readonly config: Config;
  readonly options: Options;
}

/** By today's rules, at the time when it came in. */
function journaled(events: readonly RelayEvent[], { config, options }: Setting): Promise<DryRun[]> {
  const runs = events.map((event) => {
    const received = Date.parse(event.received_at);
    return dryRun(event, config, { at: instantOf(options, config, received) ?? received });
  });
  return Promise.all(runs);
}

async function eventOf(file: string | undefined, at: number, { config, options }: Setting): Promise<TriedEvent> {
  const { topic, source: name, story } = options;
  if (topic !== undefined) {
    const { source, sample } = chosen(chooseSample({ topic, name }, config.sources));
    return eventFrom(source, JSON.stringify(sample.build({ index: story, nowMs: at })), at);
  }
  const body = await readBody(file ?? '-');
  const source = chosen(chooseSource({ name, body }, config.sources), ' Use --source NAME.');
  const tried = eventFrom(source, body, at);
  if (typeof tried.event.payload === 'string' && !body.trimStart().startsWith('"')) {
    process.stderr.write(`alo-relay: ${file} is not JSON; the service would keep it as text, and so does this.\n`);
  }
  return tried;
}

function instantOf({ at }: Options, config: Config, base: number): number | null {
  return at === undefined ? null : chosen(instant(at, { zone: zoneOf(config), base, when: 'that-day' }));
}

function chosen<T>(choice: Choice<T>, remedy = ''): T {
  if (choice.ok) return choice.value;
  throw new RelayError('usage', choice.problem === INSTANT_HELP ? `--at: ${INSTANT_HELP}` : choice.problem + remedy);
}

async function readBody(file: string): Promise<string> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code;
    throw new RelayError(
      'usage',
      `${file} cannot be read: ${why}. Name a JSON file, or use --topic TOPIC for a sample.`,
    );
  }
}

function print(runs: readonly DryRun[], config: Config, { json }: Options): void {
  for (const [index, run] of runs.entries()) {
    if (json === true) process.stdout.write(`${JSON.stringify(explainJson(run), null, 2)}\n`);
    else process.stdout.write(`${index === 0 ? '' : '\n'}${printRun(run, zoneOf(config))}`);
  }
}
