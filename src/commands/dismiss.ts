import { Command } from 'commander';
import { RelayError } from '../core/errors.ts';
import type { DismissResult } from '../history/outcomes.ts';
import { counted } from './delivery-table.ts';
import { withHistory } from './open-history.ts';
import { nextCommand } from './options.ts';
import { exitCodeOf, leftOut, type SelectionOptions, selectionOf, withSelection } from './selection.ts';

interface Options extends SelectionOptions {
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function dismissCommand(exit: (code: number) => void): Command {
  const command = new Command('dismiss').description(
    'Take dead and parked deliveries off the list of what did not arrive. Who did it, when and why is kept.',
  );
  return withSelection(command, 'all that did not arrive since')
    .requiredOption('--reason <text>', 'why they need not arrive any more')
    .option('--dry-run', 'only say what would be dismissed')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  alo-relay dismiss --route "action card" --reason-code is_archived --reason "the project is over"\n  alo-relay dismiss 17 --reason "told by phone" --admin http://127.0.0.1:3001 --token-file token.txt\n',
    )
    .action(async (ids: string[], options: Options) => exit(await dismiss(ids, options)));
}

async function dismiss(ids: readonly string[], options: Options): Promise<number> {
  const selection = selectionOf('dismiss', ids, options);
  const { by, dryRun } = options;
  const reason = options.reason.trim();
  if (reason === '') throw new RelayError('usage', 'Say why, such as --reason "the project is over": it is kept.');
  return withHistory(options, async ({ history }) => {
    const result = await history.dismiss({ ...selection, reason, by: by?.trim() || null, dryRun });
    process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : described(result, options));
    return exitCodeOf(selection, { done: result.dismissed, unknown: result.unknown_ids });
  });
}

function described({ dismissed, skipped, dry_run: dryRun }: DismissResult, options: Options): string {
  const many = counted(dismissed, 'delivery', 'deliveries');
  const done =
    dismissed === 0
      ? 'Nothing to dismiss.'
      : dryRun
        ? `Would dismiss ${many}. To do it, leave out --dry-run.`
        : `Dismissed ${many}. List them: ${nextCommand('deliveries --state dismissed', options)}`;
  return [...leftOut(skipped), done, ''].join('\n');
}
