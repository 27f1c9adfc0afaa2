import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { parseBody } from '../core/body.ts';
import { RelayError } from '../core/errors.ts';
import { type Choice, chooseSample, chooseSource } from '../dry-run/event.ts';
import type { Source } from '../sources/source.ts';
import { withAccounts } from './accounts.ts';
import { printable } from './delivery-table.ts';
import { configOption } from './options.ts';
import { loadForTrial } from './test-config.ts';

interface Options {
  readonly config: string;
  readonly source?: string;
  readonly topic?: string;
  readonly id?: string;
  readonly json?: boolean;
}

const EXAMPLE = `
Example:
  alo-relay fields event.json
  alo-relay fields --id 17
`;

export function fieldsCommand(exit: (code: number) => void): Command {
  return new Command('fields')
    .description('Show a payload, where in it each field of the event was found, and lines that fill what is empty.')
    .argument('[event]', 'a JSON file with the payload as the sender posts it; - for standard input')
    .addOption(configOption())
    .option('--topic <topic>', 'a sample of this topic, as `alo-relay send` sends it')
    .option('--id <id>', "an event that came in: the sender's id, or our number of it")
    .option('--source <name>', 'the source that sends it; needed where several may')
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLE)
    .action(async (file: string | undefined, options: Options) => exit(await fields(file, options)));
}

async function fields(file: string | undefined, options: Options): Promise<number> {
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
  if (options.id !== undefined) return storedFields(options.id, config, options);
  const { source, payload } = await payloadOf(file, config, options);
  await print(source, payload, options);
  return 0;
}

async function storedFields(id: string, { sources }: Config, options: Options): Promise<number> {
  return withAccounts(options.config, async ({ accounts }) => {
    const events = await accounts.stored(id);
    if (events.length === 0) {
      process.stderr.write(
        `alo-relay: no event has the id or number ${printable(id)}: it never came, or it was pruned.\n`,
      );
      return 1;
    }
    for (const event of events) {
      const name = options.source ?? event.source;
      const source = sources.find((one) => one.name === name);
      if (source === undefined) {
        throw new RelayError('usage', `The config has no source "${printable(name)}". Use --source NAME.`);
      }
      await print(source, event.payload, options);
    }
    return 0;
  });
}

interface Given {
  readonly source: Source;
  readonly payload: unknown;
}

async function payloadOf(
  file: string | undefined,
  { sources }: Config,
  { topic, source: name }: Options,
): Promise<Given> {
  if (topic !== undefined) {
    const { source, sample } = chosen(chooseSample({ topic, name }, sources));
    return { source, payload: sample.build({ index: 0, nowMs: Date.now() }) };
  }
  const body = await readBody(file ?? '-');
  const source = chosen(chooseSource({ name, body }, sources), ' Use --source NAME.');
  const payload = parseBody(body);
  if (typeof payload === 'string' && !body.trimStart().startsWith('"')) {
    process.stderr.write(
      `alo-relay: ${file === '-' ? 'the input' : file} is not JSON; the service would keep it as text, and so does this.\n`,
    );
  }
  return { source, payload };
}

/** Guesses are loaded only here: no other command makes any. */
async function print(source: Source, payload: unknown, { config, json }: Options): Promise<void> {
  const [{ guessFields }, { printRead }] = await Promise.all([
    import('../sources/guess.ts'),
    import('./fields-print.ts'),
  ]);
  const examination = source.examine(payload);
  const guesses = guessFields(examination);
  const { name } = source;
  const text =
    json === true
      ? `${JSON.stringify({ source: name, ...examination, guesses }, null, 2)}\n`
      : printRead({ source: name, examination, guesses }, config);
  process.stdout.write(text);
}

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
