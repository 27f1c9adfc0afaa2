import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { type Delivery, pause, post } from '../client/sender.ts';
import { loadConfig } from '../config/load.ts';
import { sandboxVariables } from '../config/sandbox.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { RelayError } from '../core/errors.ts';
import { listenerUrl } from '../core/listener-url.ts';
import { closest } from '../language/schema.ts';
import { SOURCE_TYPE_NAMES, SOURCE_TYPES } from '../sources/registry.ts';
import type { Source } from '../sources/source.ts';
import type { Sample } from '../sources/source-type.ts';
import { configOption, httpUrl, wholeNumber } from './options.ts';
import { countProblems, printProblems } from './problems.ts';

const ALL = 'all';

interface Options {
  readonly config: string;
  readonly source?: string;
  readonly count: number;
  readonly rate: number;
  readonly url?: string;
  readonly duplicate?: boolean;
  readonly story: number;
  readonly json?: boolean;
}

export function sendCommand(exit: (code: number) => void): Command {
  return new Command('send')
    .description('Sign and send sample events to a running relay, as the real sender does.')
    .argument('<topic>', `a topic such as action_created or call.completed, or "${ALL}" for each in turn`)
    .addOption(configOption())
    .option('--source <name>', 'the source to send as; needed where several take the topic')
    .option('--count <n>', 'how many events, each about something else', wholeNumber(1, 1_000_000), 1)
    .option('--rate <r>', 'events a second', wholeNumber(1, 10_000), 5)
    .option(
      '--story <n>',
      'which subject to begin with: the same number is the same subject',
      wholeNumber(0, 1_000_000),
      0,
    )
    .option('--url <url>', "where to; default: this machine, the config's port", httpUrl)
    .option('--duplicate', 'send each event twice, as senders do when an answer got lost')
    .option('--json', 'print what was answered as JSON lines')
    .addHelpText('after', `\nTopics:\n${topicsHelp()}\nExample:\n  alo-relay send action_created --count 3\n`)
    .action(async (topic: string, options: Options) => exit(await send(topic, options)));
}

function topicsHelp(): string {
  return SOURCE_TYPE_NAMES.map(
    (name) => `  ${name}: ${SOURCE_TYPES[name].samples.map(({ topic }) => topic).join(' ')}\n`,
  ).join('');
}

async function send(topic: string, options: Options): Promise<number> {
  const variables = await sandboxVariables(options.config, process.env, 'known');
  const { config, problems } = await loadConfig(options.config, variables);
  if (config === null) {
    printProblems(problems, process.stderr);
    process.stderr.write(`alo-relay: ${options.config} has ${countProblems(problems)}; nothing sent.\n`);
    return 1;
  }
  const { source, chosen } = choose(topic, options, config.sources);
  const url = options.url ?? `${listenerUrl(config.server)}/webhooks/${source.name}`;
  let failed = 0;
  const report = (delivery: Delivery) => {
    if (!delivery.ok) failed += 1;
    process.stdout.write(options.json === true ? `${JSON.stringify(delivery)}\n` : described(delivery));
  };
  await sendAll({ source, chosen, url, options, report, clock: systemClock });
  return failed === 0 ? 0 : 1;
}

export interface Job {
  readonly source: Source;
  readonly chosen: readonly Sample[];
  readonly url: string;
  readonly options: Pick<Options, 'count' | 'rate' | 'story' | 'duplicate'>;
  readonly report: (delivery: Delivery) => void;
  readonly clock: Clock;
}

/** Starts each event at its own instant, however long the answers take; gives up at the first that nobody takes. */
export async function sendAll({ source, chosen, url, options, report, clock }: Job): Promise<void> {
  const started = clock.monotonic();
  const answers: Promise<void>[] = [];
  let unreachable = false;
  const jobs = Array.from({ length: options.count }, (_, index) => chosen.map((sample) => ({ sample, index }))).flat();
  for (const [turn, { sample, index }] of jobs.entries()) {
    await pause(clock, Math.max(0, started + (turn * 1000) / options.rate - clock.monotonic()));
    if (unreachable) return;
    const body = JSON.stringify(sample.build({ index: options.story + index, nowMs: clock.now() }));
    const message = { source, url, topic: sample.topic, body, messageId: `msg_${randomUUID().replaceAll('-', '')}` };
    const answer = (async () => {
      let event: string | null = null;
      for (let copy = 0; copy < (options.duplicate === true ? 2 : 1); copy++) {
        const delivery = await post(message, clock);
        unreachable ||= delivery.unreachable;
        event ??= delivery.id;
        report({ ...delivery, id: event });
      }
    })();
    answers.push(answer);
    // In a story, what comes next must not overtake.
    if (chosen.length > 1) await answer;
  }
  await Promise.all(answers);
}

function choose(
  topic: string,
  options: Options,
  sources: readonly Source[],
): { source: Source; chosen: readonly Sample[] } {
  const named = options.source === undefined ? sources : sources.filter(({ name }) => name === options.source);
  if (named.length === 0) {
    throw new RelayError(
      'usage',
      `There is no source "${options.source}". Sources: ${sources.map(({ name }) => name).join(', ')}.`,
    );
  }
  const signing = named.filter(({ canSign }) => canSign);
  if (signing.length === 0) {
    throw new RelayError(
      'usage',
      'The source has only public keys (whpk_…), which verify and cannot sign. Add a secret of your own to its `secrets:`, such as whsec_ followed by what `openssl rand -base64 32` prints.',
    );
  }
  for (const source of signing) {
    const all = source.type.samples;
    if (topic === ALL) return { source, chosen: all };
    const sample = all.find((candidate) => candidate.topic === topic);
    if (sample !== undefined) return { source, chosen: [sample] };
  }
  const topics = signing.flatMap(({ type }) => type.samples.map((sample) => sample.topic));
  const near = closest(topic, topics);
  const hint = near === null ? '' : ` Did you mean "${near}"?`;
  throw new RelayError(
    'usage',
    `There is no sample of "${topic}".${hint} Topics: ${[ALL, ...new Set(topics)].join(', ')}.`,
  );
}

function described({ ok, topic, id, status, ms, detail }: Delivery): string {
  const mark = ok ? styleText('green', '✓') : styleText('red', '✗');
  return `${mark} ${topic} ${styleText('dim', id ?? '–')} ${status ?? ''} ${detail} ${styleText('dim', `${Math.round(ms)} ms`)}\n`;
}
