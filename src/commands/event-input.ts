/** The event that a command is asked about: a file, standard input, a sample, or one that came in. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { parseBody } from '../core/body.ts';
import { RelayError } from '../core/errors.ts';
import type { RelayEvent } from '../core/event.ts';
import { type Choice, chooseSample, chooseSource } from '../dry-run/event.ts';
import type { Source } from '../sources/source.ts';
import { printable } from './delivery-table.ts';
import { withHistory } from './open-history.ts';
import { type ServiceOptions, withServiceOptions } from './options.ts';

export interface EventOptions extends ServiceOptions {
  readonly source?: string;
  readonly topic?: string;
  readonly id?: string;
}

/** The argument and the options that name an event. */
export function withEventInput(command: Command): Command {
  return withServiceOptions(command)
    .argument('[event]', 'a JSON file with the payload as the sender posts it; - for standard input')
    .option('--topic <topic>', 'a sample of this topic, as `alo-relay send` sends it')
    .option('--id <id>', "an event that came in: the sender's id, or our number of it")
    .option('--source <name>', 'the source that sends it; needed where several may');
}

/** @throws RelayError `usage` unless exactly one event is named. */
export function assertOneNamed(file: string | undefined, { topic, id }: EventOptions): void {
  if ([file, topic, id].filter((one) => one !== undefined).length === 1) return;
  throw new RelayError('usage', 'One event is needed: a file with a payload, --topic TOPIC for a sample, or --id ID.');
}

/** Gives the exit code of `use`; 1 where no event has the id. */
export function withStoredEvents(
  id: string,
  options: ServiceOptions,
  use: (events: readonly RelayEvent[]) => Promise<number>,
): Promise<number> {
  return withHistory(options, async ({ history }) => {
    const events = await history.stored(id);
    if (events.length > 0) return use(events);
    process.stderr.write(
      `alo-relay: no event has the id or number ${printable(id)}: it never came, or it was pruned.\n`,
    );
    return 1;
  });
}

export interface GivenBody {
  readonly source: Source;
  readonly body: string;
}

export interface Sampling {
  readonly sources: readonly Source[];
  /** Which of a topic's samples. */
  readonly index: number;
  /** ms since the epoch: when a sample is sent. */
  readonly nowMs: number;
}

/** The body of a file, of standard input or of a sample. @throws RelayError `usage`, saying what to name instead. */
export async function readGiven(
  file: string | undefined,
  { topic, source: name }: EventOptions,
  { sources, ...sampling }: Sampling,
): Promise<GivenBody> {
  if (topic !== undefined) {
    const { source, sample } = chosen(chooseSample({ topic, name }, sources));
    return { source, body: JSON.stringify(sample.build(sampling)) };
  }
  const from = file ?? '-';
  const body = await readBody(from);
  const source = chosen(chooseSource({ name, body }, sources), ' Use --source NAME.');
  if (typeof parseBody(body) === 'string' && !body.trimStart().startsWith('"')) {
    process.stderr.write(
      `alo-relay: ${from === '-' ? 'the input' : from} is not JSON; the service would keep it as text, and so does this.\n`,
    );
  }
  return { source, body };
}

/** @throws RelayError `usage` where there was no choice. */
function chosen<T>(choice: Choice<T>, remedy = ''): T {
  if (choice.ok) return choice.value;
  throw new RelayError('usage', choice.problem + remedy);
}

async function readBody(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code;
    throw new RelayError(
      'usage',
      `${file} cannot be read: ${why}. Name a JSON file, or use --topic TOPIC for a sample.`,
    );
  }
}
