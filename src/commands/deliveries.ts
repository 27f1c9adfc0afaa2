import { Command, InvalidArgumentError } from 'commander';
import { DELIVERY_STATES, type DeliveryState, FAILED_STATES } from '../core/delivery.ts';
import type { DeliveryFilter, DeliveryHistory } from '../history/delivery-history.ts';
import type { DeliveryOutcome, EventOutcome } from '../history/outcomes.ts';
import { counted, deliveryTable, printable } from './delivery-table.ts';
import { type OpenHistory, withHistory } from './open-history.ts';
import { nextCommand, SERVICE_HELP, type ServiceOptions, since, wholeNumber, withServiceOptions } from './options.ts';

const EXAMPLE = `
Example:
  alo-relay deliveries --state dead,parked --since 2h
  ALO_RELAY_TOKEN=… alo-relay deliveries --admin https://relay.example.com
`;

const SHOWN = 50;
const PAGE = 500;

interface Options extends ServiceOptions {
  readonly state?: readonly DeliveryState[];
  readonly event?: string;
  /** ms since the epoch. */
  readonly since?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

export function deliveriesCommand(exit: (code: number) => void): Command {
  const command = new Command('deliveries').description(
    'Show what became of each event: what is sent, waiting, dead, parked or dismissed, and why. Newest first.',
  );
  return withServiceOptions(command)
    .option('--state <states>', `only these: ${DELIVERY_STATES.join(', ')}`, states)
    .option('--event <id>', "only this event's: the sender's id, or our number of it")
    .option('--since <time>', 'only those accepted since: 30s, 15m, 2h, 7d ago, or a date', since)
    .option('--limit <n>', `how many; default ${SHOWN}, with --json all`, wholeNumber(1, 10_000_000))
    .option('--json', 'print JSON lines, one a delivery')
    .addHelpText('after', `${SERVICE_HELP}${EXAMPLE}`)
    .action(async (options: Options) => exit(await deliveries(options)));
}

async function deliveries(options: Options): Promise<number> {
  // Whoever reads has read enough, as `head` does.
  process.stdout.on('error', () => process.exit(0));
  return withHistory(options, (open) =>
    options.event === undefined ? list(open, options) : ofEvent(open, options.event, options),
  );
}

/** A list with commas, and what came before. */
function states(written: string, before: readonly DeliveryState[] = []): readonly DeliveryState[] {
  const given = written.split(',').map((name) => {
    const state = DELIVERY_STATES.find((known) => known === name.trim().toLowerCase());
    if (state === undefined) throw new InvalidArgumentError(`States are ${DELIVERY_STATES.join(', ')}.`);
    return state;
  });
  return [...before, ...given];
}

/** Where it is from, if not from the running service. */
const FROM = {
  now: '',
  'by any instance': 'No instance answers here; this is from their journal.\n',
  'at the next start': 'The service does not run; this is from its journal.\n',
} as const satisfies Readonly<Record<OpenHistory['sending'], string>>;

async function list({ history, sending }: OpenHistory, options: Options): Promise<number> {
  const { state, since: from, limit, json } = options;
  const filter = { states: state, since: from };
  if (json === true) {
    for await (const page of pages(history, filter, limit ?? Number.POSITIVE_INFINITY)) printLines(page);
    return 0;
  }
  const shown: DeliveryOutcome[] = [];
  // One more than is shown: to know whether there are more.
  for await (const page of pages(history, filter, (limit ?? SHOWN) + 1)) shown.push(...page);
  const more = shown.length > (limit ?? SHOWN);
  if (more) shown.pop();
  const text = shown.length === 0 ? `${nothing(options)}\n` : deliveryTable(shown) + summary(shown, { more, options });
  process.stdout.write(text + FROM[sending]);
  return 0;
}

async function ofEvent({ history }: OpenHistory, id: string, options: Options): Promise<number> {
  const events = await history.events(id);
  if (events.length === 0) {
    process.stderr.write(
      `alo-relay: no event has the id or number ${printable(id)}: it never came, or it was pruned.\n`,
    );
    return 1;
  }
  for (const outcome of events) {
    const { event, deliveries, counted_by, conflicts } = outcome;
    const asked = deliveries.filter(({ state, accepted_at, replayed_as }) => {
      const stated = options.state === undefined || (replayed_as === null && options.state.includes(state));
      return stated && (options.since === undefined || Date.parse(accepted_at) >= options.since);
    });
    if (options.json !== true) printEvent(outcome, asked, options);
    else if (deliveries.length > 0) printLines(asked.slice(0, options.limit));
    else process.stdout.write(`${JSON.stringify({ event, deliveries: 0, counted_by, conflicts })}\n`);
  }
  return 0;
}

function printEvent(account: EventOutcome, asked: readonly DeliveryOutcome[], options: Options): void {
  const { event, deliveries } = account;
  const { number, id, source, topic, subject, received_at } = event;
  const about = subject === null ? '' : `, about ${printable(subject)}`;
  const head = `${printable(id)} (event ${number}): ${printable(source)} ${printable(topic)}${about}, received ${received_at}\n`;
  const counted = countedLine(account);
  const unowed = counted === '' ? 'No route took it: nothing was owed to anybody.\n' : '';
  const none = deliveries.length === 0 ? unowed : `${nothing(options)}\n`;
  const shown = asked.slice(0, options.limit);
  const more = shown.length < asked.length;
  const text = shown.length === 0 ? none : deliveryTable(shown) + summary(shown, { more, options });
  process.stdout.write(head + conflictLine(account) + text + counted);
}

function countedLine({ counted_by }: EventOutcome): string {
  const names = counted_by.map((route) => `"${printable(route)}"`).join(', ');
  return names === '' ? '' : `Counted, and nothing sent for it, by ${names} (at_least).\n`;
}

function conflictLine({ conflicts }: EventOutcome): string {
  if (conflicts === null) return '';
  const times = conflicts.count === 1 ? 'once' : `${conflicts.count} times, last`;
  return `It came again with another body ${times} at ${conflicts.last_at}: the first body counts.\n`;
}

async function* pages(
  history: DeliveryHistory,
  filter: Omit<DeliveryFilter, 'limit' | 'before'>,
  limit: number,
): AsyncGenerator<readonly DeliveryOutcome[]> {
  let before: number | undefined;
  for (let left = limit; left > 0; ) {
    const { deliveries, next } = await history.deliveries({ ...filter, before, limit: Math.min(left, PAGE) });
    yield deliveries;
    if (next === null) return;
    before = next;
    left -= deliveries.length;
  }
}

function printLines(deliveries: readonly DeliveryOutcome[]): void {
  for (const delivery of deliveries) process.stdout.write(`${JSON.stringify(delivery)}\n`);
}

function nothing({ state, since: from, event, config }: Options): string {
  const time = from === undefined ? '' : ` since ${new Date(from).toISOString()}`;
  if (state !== undefined) return `No delivery is ${[...new Set(state)].join(' or ')}${time}.`;
  if (from !== undefined || event !== undefined) return `No deliveries${time}.`;
  return `No deliveries yet. Send a sample event: ${nextCommand('send all', { config })}`;
}

/** How many of what, and what to type next. */
function summary(shown: readonly DeliveryOutcome[], { more, options }: { more: boolean; options: Options }): string {
  // What a replay replaced counts as what became of the replay.
  const groups = Map.groupBy(shown, ({ state, replayed_as }) => (replayed_as === null ? state : 'replayed'));
  const counts = [...groups].map(([state, { length }]) => `${length} ${state}`).join(', ');
  const owed = FAILED_STATES.filter((state) => groups.has(state));
  const next =
    owed.length > 0
      ? ` Send them again: ${nextCommand(`replay ${owed.map((state) => `--${state}`).join(' ')}`, options)}`
      : options.event === undefined
        ? ` All of one event: ${nextCommand(`deliveries --event ${shown[0]?.event.number}`, options)}`
        : '';
  const range = more ? ` (the newest; more with --limit ${shown.length * 4})` : '';
  return `${counted(shown.length, 'delivery', 'deliveries')}${range}: ${counts}.${next}\n`;
}
