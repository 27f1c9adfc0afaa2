import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { Mask } from '../config/mask.ts';
import { parseBody } from '../core/body.ts';
import { RelayError } from '../core/errors.ts';
import { writeJson } from '../core/json.ts';
import type { Examination } from '../sources/examine.ts';
import type { Source } from '../sources/source.ts';
import { printable } from './delivery-table.ts';
import { assertOneNamed, type EventOptions, readGiven, withEventInput, withStoredEvents } from './event-input.ts';
import { loadOffline } from './test-config.ts';

interface Options extends EventOptions {
  readonly json?: boolean;
}

const EXAMPLE = `
Example:
  alo-relay fields event.json
  alo-relay fields --id 17
`;

export function fieldsCommand(exit: (code: number) => void): Command {
  const command = new Command('fields').description(
    'Show a payload, where in it each field of the event was found, and lines that fill what is empty.',
  );
  return withEventInput(command)
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLE)
    .action(async (file: string | undefined, options: Options) => exit(await fields(file, options)));
}

async function fields(file: string | undefined, options: Options): Promise<number> {
  assertOneNamed(file, options);
  const loaded = await loadOffline(options.config);
  if (loaded === null) return 1;
  const { config } = loaded;
  if (options.id !== undefined) return storedFields(options.id, config, options);
  const { sources } = config;
  const nowMs = Date.now();
  const { source, body } = await readGiven(file, options, { sources, index: 0, nowMs });
  await print(source, { payload: parseBody(body), nowMs, mask: config.mask }, options);
  return 0;
}

function storedFields(id: string, { sources, mask }: Config, options: Options): Promise<number> {
  return withStoredEvents(id, options, async (events) => {
    for (const event of events) {
      const name = options.source ?? event.source;
      const source = sources.find((one) => one.name === name);
      if (source === undefined) {
        throw new RelayError('usage', `The config has no source "${printable(name)}". Use --source NAME.`);
      }
      await print(source, { payload: event.payload, nowMs: Date.parse(event.received_at), mask }, options);
    }
    return 0;
  });
}

/** Guesses are loaded only here: no other command makes any. */
async function print(
  source: Source,
  { payload, nowMs, mask }: { readonly payload: unknown; readonly nowMs: number; readonly mask: Mask },
  { config, json }: Options,
): Promise<void> {
  const [{ guessDedupe, guessFields }, { printRead }] = await Promise.all([
    import('../sources/guess.ts'),
    import('./fields-print.ts'),
  ]);
  const read = source.examine(payload, nowMs);
  const guesses = guessFields(read);
  const dedupe = guessDedupe(read, guesses);
  const examination = masked(read, mask);
  const { name } = source;
  const text =
    json === true
      ? `${writeJson({ source: name, ...examination, guesses, dedupe_guess: dedupe }, 2)}\n`
      : printRead({ source: name, examination, guesses, dedupe }, config);
  process.stdout.write(text);
}

function masked(examination: Examination, mask: Mask): Examination {
  const shown = (text: string | null) => (text === null ? null : mask.text(text));
  return {
    ...examination,
    dedupe: shown(examination.dedupe),
    fields: examination.fields.map((found) => {
      const { origin } = found;
      if (origin?.kind !== 'configured') return found;
      return {
        ...found,
        origin: { ...origin, expression: mask.text(origin.expression), reason: shown(origin.reason) },
      };
    }),
  };
}
