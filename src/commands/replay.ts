import { Command } from 'commander';
import type { ReplayResult } from '../history/outcomes.ts';
import { counted } from './delivery-table.ts';
import { type OpenHistory, withHistory } from './open-history.ts';
import { nextCommand } from './options.ts';
import { exitCodeOf, leftOut, type SelectionOptions, selectionOf, withSelection } from './selection.ts';

interface Options extends SelectionOptions {
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function replayCommand(exit: (code: number) => void): Command {
  const command = new Command('replay').description(
    'Send again what did not arrive, by the rules that the service runs with now. What has gone out is not sent twice.',
  );
  return withSelection(command, 'every event since')
    .option('--again', 'also what has gone out: it will be there twice; and what was dismissed')
    .option('--dry-run', 'only say what would be sent')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  alo-relay replay --dead --since 2h --dry-run\n  alo-relay replay 17 --admin http://127.0.0.1:3001 --token-file token.txt\n',
    )
    .action(async (ids: string[], options: Options) => exit(await replay(ids, options)));
}

async function replay(ids: readonly string[], options: Options): Promise<number> {
  const selection = selectionOf('replay', ids, options);
  const { again, by, dryRun } = options;
  return withHistory(options, async (open) => {
    const result = await open.history.replay({ ...selection, again, by: by?.trim() || null, dryRun });
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ ...result, sending: open.sending })}\n`);
    } else process.stdout.write(described(result, open, options));
    return exitCodeOf(selection, { done: result.deliveries, unknown: result.unknown_ids });
  });
}

const WHEN = {
  now: '',
  'by any instance': ', by whichever instance runs',
  'at the next start': ', when the service starts',
} as const satisfies Readonly<Record<OpenHistory['sending'], string>>;

function described(result: ReplayResult, { sending }: OpenHistory, options: Options): string {
  const { deliveries, replaced, skipped, dry_run: dryRun } = result;
  const lines = leftOut(skipped);
  if (deliveries === 0) return [...lines, 'Nothing to send again.', ''].join('\n');
  const instead = replaced === 0 ? '' : `, in place of ${replaced} that did not arrive`;
  const many = counted(deliveries, 'delivery', 'deliveries');
  const what = dryRun ? `Would send ${many} again${instead}.` : `Sending ${many} again${instead}${WHEN[sending]}.`;
  const next = dryRun
    ? 'To do it, leave out --dry-run.'
    : `What becomes of them: ${nextCommand('deliveries --since 5m', options)}`;
  return [...lines, `${what} ${next}`, ''].join('\n');
}
