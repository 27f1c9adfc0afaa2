import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { RelayError } from '../core/errors.ts';
import type { RelayEvent } from '../core/event.ts';
import { writeJson } from '../core/json.ts';
import { type DryRun, dryRun } from '../dry-run/dry-run.ts';
import { eventFrom } from '../dry-run/event.ts';
import { explainJson } from '../dry-run/explain-json.ts';
import { INSTANT_HELP, instant, zoneOf } from '../dry-run/instant.ts';
import { assertOneNamed, type EventOptions, readGiven, withEventInput, withStoredEvents } from './event-input.ts';
import { sendPreviews } from './explain-preview.ts';
import { printRun } from './explain-print.ts';
import { hyperlink } from './hyperlink.ts';
import { wholeNumber } from './options.ts';
import { loadOffline } from './test-config.ts';

interface Options extends EventOptions {
  readonly story: number;
  readonly at?: string;
  readonly sendTo?: string;
  readonly links?: boolean;
  readonly json?: boolean;
}

const EXAMPLE = `
Example:
  alo-relay explain event.json
  alo-relay explain --topic action_assignment_changed --at "sat 11:00"
  alo-relay explain --topic action_created --send-to "#relay-tests"
`;

export function explainCommand(exit: (code: number) => void): Command {
  const command = new Command('explain').description(
    'What would happen to an event: each route, taken or why not, and every message. Nothing is sent.',
  );
  return withEventInput(command)
    .option('--story <n>', 'which of the samples, as for `alo-relay send`', wholeNumber(0, 1_000_000), 0)
    .option('--at <time>', 'as if it came in then: 23:00, "sat 11:00", 2026-03-02T09:00Z; default: now')
    .option('--send-to <where>', 'really post a preview of each message there: "#channel", or an e-mail address')
    .option('--links', "print each message's address in Slack's Block Kit Builder, which shows it")
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLE)
    .action(async (file: string | undefined, options: Options) => exit(await explain(file, options)));
}

async function explain(file: string | undefined, options: Options): Promise<number> {
  // Whoever reads has read enough, as `head` does.
  process.stdout.on('error', () => undefined);
  assertOneNamed(file, options);
  const loaded = await loadOffline(options.config);
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
    return withStoredEvents(id, options, async (events) => tell(await journaled(events, { config, options })));
  }
  const at = instantOf(options, config, Date.now()) ?? Date.now();
  const { source, body } = await readGiven(file, options, {
    sources: config.sources,
    index: options.story,
    nowMs: at,
  });
  const { event, handshake, notes } = eventFrom(source, body, at);
  if (handshake) {
    process.stdout.write("This is ALO's handshake: it is answered with its challenge, and nothing is relayed.\n");
    return 0;
  }
  return tell([await dryRun(event, config, { at, notes })]);
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

function instantOf({ at }: Options, config: Config, base: number): number | null {
  if (at === undefined) return null;
  const choice = instant(at, { zone: zoneOf(config), base, when: 'that-day' });
  if (choice.ok) return choice.value;
  throw new RelayError('usage', choice.problem === INSTANT_HELP ? `--at: ${INSTANT_HELP}` : choice.problem);
}

function print(runs: readonly DryRun[], config: Config, { json, links = false }: Options): void {
  const terminal = { isTTY: process.stdout.isTTY, env: process.env };
  const link = (text: string, url: string) => hyperlink(text, url, terminal);
  for (const [index, run] of runs.entries()) {
    if (json === true) process.stdout.write(`${writeJson(explainJson(run), 2)}\n`);
    else process.stdout.write(`${index === 0 ? '' : '\n'}${printRun(run, { zone: zoneOf(config), links, link })}`);
  }
}
