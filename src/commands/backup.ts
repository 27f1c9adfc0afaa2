/** `alo-relay backup`: copies the journal to a file, while the service runs or not. */
import { Command } from 'commander';
import { RelayError } from '../core/errors.ts';
import { sizeText } from '../doctor/journal.ts';
import { type BackedUp, backUp } from '../journal/backup/backup.ts';
import type { PostgresSettings } from '../journal/settings.ts';
import { counted, printable, zonedTime } from './delivery-table.ts';
import { journalOf } from './journal-of.ts';
import { configOption } from './options.ts';

interface Options {
  readonly config: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function backupCommand(exit: (code: number) => void): Command {
  return new Command('backup')
    .description(
      'Copy the journal to a file, while the service runs or not: checked, and on disk when the command ends. Other files of the service are not in it.',
    )
    .argument('<file>', 'where the backup goes')
    .addOption(configOption())
    .option('--force', 'replace a file of that name')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay backup "/var/backups/relay-$(date +%F).db"\n')
    .action(async (file: string, options: Options) => exit(await backup(file, options)));
}

async function backup(file: string, { config, force = false, json }: Options): Promise<number> {
  const from = await journalOf(config);
  if (from === null) return 1;
  if (from.kind === 'postgres') throw new RelayError('backup-target', postgresSays(from));
  const made = await backUp({ from, to: file, force });
  process.stdout.write(json === true ? asJson(made, from.path, file) : summary(made, from.path, file));
  return 0;
}

/** The dump names everything of the schema, whose owner the restored journal has to be. */
function postgresSays({ place, schema }: PostgresSettings): string {
  return [
    `the journal is in Postgres, ${place}. Use pg_dump, with the address that \`journal:\` has:`,
    `  pg_dump --format=custom --schema=${schema} --file=relay.dump "$DATABASE_URL"`,
    'To restore it, stop every instance, and then:',
    `  pg_restore --clean --if-exists --dbname="$DATABASE_URL" relay.dump`,
    '  alo-relay restore --in-place',
  ].join('\n');
}

function asJson({ events, newestAt, bytes }: BackedUp, journal: string, file: string): string {
  const newest = newestAt === null ? null : new Date(newestAt).toISOString();
  return `${JSON.stringify({ ok: true, journal, file, events, newest_at: newest, bytes })}\n`;
}

function summary({ events, newestAt, bytes }: BackedUp, journal: string, file: string): string {
  const newest = newestAt === null ? '' : `, the newest received ${zonedTime(new Date(newestAt).toISOString())}`;
  const what = `${counted(events, 'event', 'events')}${newest}`;
  return `Backed up ${printable(journal)} to ${printable(file)}: ${what}.\n${sizeText(bytes)}, checked, on disk.\n`;
}
