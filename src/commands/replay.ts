import { Command } from 'commander';
import { LISTED_STATES } from '../core/delivery.ts';
import { RelayError } from '../core/errors.ts';
import type { ReplayResult } from '../relay/account.ts';
import { type OpenAccounts, withAccounts } from './accounts.ts';
import { counted, printable } from './delivery-table.ts';
import { configOption, nextCommand, since } from './options.ts';

interface Options {
  readonly config: string;
  readonly dead?: boolean;
  readonly parked?: boolean;
  /** ms since the epoch. */
  readonly since?: number;
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function replayCommand(exit: (code: number) => void): Command {
  return new Command('replay')
    .description(
      'Send again what did not arrive, by the rules that the service runs with now. What has gone out is not sent twice.',
    )
    .argument('[ids...]', "numbers of deliveries, or the sender's ids of events")
    .addOption(configOption())
    .option('--dead', 'what was refused or given up')
    .option('--parked', 'what may have arrived or not')
    .option(
      '--since <time>',
      'only what was accepted since; alone: every event since. 30s, 15m, 2h, 7d ago, or a date',
      since,
    )
    .option('--again', 'also what has gone out: it will be there twice')
    .option('--dry-run', 'only say what would be sent')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay replay --dead --since 2h --dry-run\n')
    .action(async (ids: string[], options: Options) => exit(await replay(ids, options)));
}

async function replay(ids: readonly string[], options: Options): Promise<number> {
  const states = LISTED_STATES.filter((state) => options[state] === true);
  if (ids.length + states.length === 0 && options.since === undefined) {
    throw new RelayError(
      'usage',
      'Say what to replay: numbers or ids, --dead, --parked or --since. See replay --help.',
    );
  }
  const { since: from, again, dryRun } = options;
  return withAccounts(options.config, async (open) => {
    const request = { ids, ...(states.length > 0 && { states }), since: from, again, dryRun };
    const result = await open.accounts.replay(request);
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ ...result, sending: open.sending })}\n`);
    } else process.stdout.write(described(result, open, options));
    for (const id of result.unknown_ids) {
      process.stderr.write(`alo-relay: no delivery and no event has the id ${printable(id)}.\n`);
    }
    return result.unknown_ids.length === 0 ? 0 : 1;
  });
}

const WHEN = {
  now: '',
  'by any instance': ', by whichever instance runs',
  'at the next start': ', when the service starts',
} as const satisfies Readonly<Record<OpenAccounts['sending'], string>>;

function described(result: ReplayResult, { sending }: OpenAccounts, { config }: Options): string {
  const { deliveries, replaced, skipped, dry_run: dryRun } = result;
  const lines = skipped.map(({ count, detail, delivery }) => {
    const which =
      delivery === null ? '' : count === 1 ? ` (delivery ${delivery})` : ` (delivery ${delivery} and others)`;
    return `Left out, ${count}: ${printable(detail)}${which}`;
  });
  if (deliveries === 0) return [...lines, 'Nothing to send again.', ''].join('\n');
  const instead = replaced === 0 ? '' : `, in place of ${replaced} that did not arrive`;
  const many = counted(deliveries, 'delivery', 'deliveries');
  const what = dryRun ? `Would send ${many} again${instead}.` : `Sending ${many} again${instead}${WHEN[sending]}.`;
  const next = dryRun
    ? 'To do it, leave out --dry-run.'
    : `What becomes of them: ${nextCommand('deliveries --since 5m', config)}`;
  return [...lines, `${what} ${next}`, ''].join('\n');
}
