/** The options by which `replay` and `dismiss` select deliveries. */
import { type Command, Option } from 'commander';
import { FAILED_STATES } from '../core/delivery.ts';
import { RelayError } from '../core/errors.ts';
import type { Selection } from '../history/replay-selection.ts';
import { printable } from './delivery-table.ts';
import { SERVICE_HELP, type ServiceOptions, since, withServiceOptions } from './options.ts';

export interface SelectionOptions extends ServiceOptions {
  readonly by?: string;
  readonly event?: readonly string[];
  readonly dead?: boolean;
  readonly parked?: boolean;
  readonly route?: readonly string[];
  readonly reasonCode?: readonly string[];
  /** ms since the epoch. */
  readonly since?: number;
}

/** `alone`: what `--since` selects where nothing else is given. */
export function withSelection(command: Command, alone: string): Command {
  const all = (written: string, before: readonly string[] = []): readonly string[] => [...before, written];
  return withServiceOptions(command)
    .argument('[ids...]', "numbers of deliveries, or the sender's ids of events")
    .option('--event <id>', "an event's: the sender's id, or our number of it; repeatable", all)
    .option('--dead', 'what was refused or given up')
    .option('--parked', 'what may have arrived or not')
    .option('--route <name>', 'only by this route; repeatable', all)
    .option('--reason-code <code>', 'only with this reason, such as channel_not_found; repeatable', all)
    .option('--since <time>', `only what was accepted since; alone: ${alone}. 30s, 15m, 2h, 7d ago, or a date`, since)
    .addOption(new Option('--by <name>', 'who orders it: kept in the audit').env('USER'))
    .addHelpText('after', SERVICE_HELP)
    .addHelpText('after', 'Exit code 1 where an id is unknown, or where ids were named and there was nothing to do.');
}

export function selectionOf(command: string, ids: readonly string[], options: SelectionOptions): Selection {
  const { event: events = [], route: routes, reasonCode: codes, since: from } = options;
  const states = FAILED_STATES.filter((state) => options[state] === true);
  const conditions = [routes, codes, from].some((condition) => condition !== undefined);
  if (ids.length + events.length + states.length === 0 && !conditions) {
    throw new RelayError(
      'usage',
      `Say what to ${command}: numbers or ids, --event, --dead, --parked, --route, --reason-code or --since. See ${command} --help.`,
    );
  }
  return { ids, events, routes, codes, since: from, ...(states.length > 0 && { states }) };
}

/** Says which ids nothing has, and gives the exit code: 1 also where ids were named and nothing was `done`. */
export function exitCodeOf(
  { ids = [], events = [] }: Selection,
  { done, unknown }: { readonly done: number; readonly unknown: readonly string[] },
): number {
  for (const id of unknown) {
    process.stderr.write(`alo-relay: no delivery and no event has the id ${printable(id)}.\n`);
  }
  return unknown.length > 0 || (done === 0 && ids.length + events.length > 0) ? 1 : 0;
}

interface LeftOut {
  readonly detail: string;
  readonly count: number;
  readonly delivery: number | null;
}

/** A line per reason. */
export function leftOut(skipped: readonly LeftOut[]): string[] {
  return skipped.map(({ count, detail, delivery }) => {
    const which =
      delivery === null ? '' : count === 1 ? ` (delivery ${delivery})` : ` (delivery ${delivery} and others)`;
    return `Left out, ${count}: ${printable(detail)}${which}`;
  });
}
