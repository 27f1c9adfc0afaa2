/** `alo-relay restore`: puts a backup in the place of the journal, while no service has it open. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import { RelayError } from '../core/errors.ts';
import { silentLogger } from '../core/log.ts';
import { type RestoredJournal, restore } from '../journal/backup/restore.ts';
import type { Doubted } from '../journal/contract.ts';
import { openJournal } from '../journal/open.ts';
import { type JournalSettings, placeOf } from '../journal/settings.ts';
import { POSTED_LONG_AGO } from '../verbs/post-once.ts';
import { counted, printable, zonedTime } from './delivery-table.ts';
import { journalOf } from './journal-of.ts';
import { configOption } from './options.ts';

interface Options {
  readonly config: string;
  readonly inPlace?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function restoreCommand(exit: (code: number) => void): Command {
  return new Command('restore')
    .description(
      'Put a backup in the place of the journal of a stopped service. What had not been sent when it was made is looked for in Slack before it is sent.',
    )
    .argument('[file]', 'the backup')
    .addOption(configOption())
    .option(
      '--in-place',
      'the journal was put back by other means, such as pg_restore: only have its deliveries looked for',
    )
    .option('--force', 'replace a journal that is there; it is kept under another name')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay restore /var/backups/relay-2026-03-02.db\n')
    .action(async (file: string | undefined, options: Options) => exit(await run(file, options)));
}

async function run(file: string | undefined, options: Options): Promise<number> {
  if ((file === undefined) === (options.inPlace !== true))
    throw new RelayError('usage', 'Name the backup, or say --in-place. See restore --help.');
  const to = await journalOf(options.config);
  if (to === null) return 1;
  const at = systemClock.now();
  const restored = { at, lookups: POSTED_LONG_AGO.lookups, notBefore: at + POSTED_LONG_AGO.lagMs };
  if (file === undefined) return report(await inPlace(to, restored), to, options);
  if (to.kind === 'postgres')
    throw new RelayError(
      'not-a-backup',
      `the journal is in Postgres, ${to.place}. Use pg_restore, then \`alo-relay restore --in-place\`.`,
    );
  return report(await restore({ from: file, to, force: options.force === true, restored }), to, options, file);
}

type InPlace = { readonly doubted: Doubted };

async function inPlace(to: JournalSettings, restored: Parameters<typeof restore>[0]['restored']): Promise<InPlace> {
  // Opening would create it.
  if (to.kind === 'sqlite' && !existsSync(to.path)) throw new RelayError('no-journal', to.path);
  const journal = await openJournal(to, { log: silentLogger, clock: systemClock, role: 'command' });
  try {
    return { doubted: await journal.doubtUnfinished(restored) };
  } finally {
    await journal.close();
  }
}

function report(result: RestoredJournal | InPlace, to: JournalSettings, { json }: Options, file?: string): number {
  process.stdout.write(json === true ? asJson(result, to, file) : summary(result, to, file));
  return 0;
}

function asJson(result: RestoredJournal | InPlace, to: JournalSettings, file: string | undefined): string {
  const { pending, held } = result.doubted;
  const looked = { ok: true, journal: placeOf(to), pending, held };
  if (!('events' in result)) return `${JSON.stringify(looked)}\n`;
  const { events, failed, newestAt, migratedFrom, aside } = result;
  const newest = newestAt === null ? null : new Date(newestAt).toISOString();
  const rest = { file, events, failed, newest_at: newest, migrated_from: migratedFrom, kept_as: aside };
  return `${JSON.stringify({ ...looked, ...rest })}\n`;
}

function summary(result: RestoredJournal | InPlace, to: JournalSettings, file = ''): string {
  const { doubted } = result;
  const unsent = doubted.pending + doubted.held;
  const lines = [
    ...('events' in result ? contents(result, placeOf(to), file) : []),
    unsent === 0
      ? 'No delivery was waiting to be sent.'
      : `${counted(unsent, 'delivery was', 'deliveries were')} waiting to be sent, ${doubted.held} of them for the end of quiet hours: each is looked for in Slack before it is sent.`,
    'An event received since the backup is not in it. If its sender repeats it, it is a new event.',
    ...('aside' in result && result.aside !== null ? [`The journal that was there is kept as ${result.aside}.`] : []),
    'Start the service.',
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function contents({ events, newestAt, failed, migratedFrom }: RestoredJournal, path: string, file: string): string[] {
  const newest = newestAt === null ? '' : `, the newest received ${zonedTime(new Date(newestAt).toISOString())}`;
  return [
    `Restored ${path} from ${file}: ${counted(events, 'event', 'events')}${newest}.`,
    ...(migratedFrom === null ? [] : [`It was of version ${migratedFrom}, and was migrated.`]),
    ...(failed === 0 ? [] : [`${counted(failed, 'delivery is', 'deliveries are')} dead or parked.`]),
  ];
}
