/** `alo-relay move`: copies the journal of a stopped service from its file to Postgres. */
import { Command } from 'commander';
import type { Moved, MoveStep } from '../journal/move/move.ts';
import { counted, printable } from './delivery-table.ts';
import { type MoveArguments, type MoveSettings, moveSettings } from './move-settings.ts';
import { configOption } from './options.ts';

interface Options extends Omit<MoveArguments, 'configNamed'> {
  readonly json?: boolean;
}

export function moveCommand(exit: (code: number) => void): Command {
  const command = new Command('move')
    .description(
      'Copy the journal of a stopped service into Postgres, and check the copy: all of it or, where the move is cut off, nothing. The file stays as it is.',
    )
    .option('--from <file>', 'the journal to move; default: the one of the config, where that is a file')
    .option('--to <url>', 'postgres://…; default: the one of the config, which keeps its password out of sight')
    .option('--schema <name>', 'the schema to move into; default: as the config says, or alo_relay')
    .addOption(configOption())
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  alo-relay move --from ./data/relay.db --to postgres://relay:password@db.example.com/relay\n',
    );
  return command.action(async (options: Options) => {
    const configNamed = command.getOptionValueSource('config') !== 'default';
    exit(await move({ ...options, configNamed }));
  });
}

async function move({ json, ...given }: Options & MoveArguments): Promise<number> {
  const settings = await moveSettings(given);
  if (settings === null) return 1;
  const { moveJournal } = await import('../journal/move/move.ts');
  const began = performance.now();
  const line = progressLine(process.stderr);
  const onMigrated = (version: number) =>
    process.stderr.write(`alo-relay: ${printable(settings.from.path)} was of version ${version}, and was migrated.\n`);
  const moved = await moveJournal({ ...settings, onMigrated, onProgress: line.show }).finally(line.clear);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  process.stdout.write(json === true ? asJson(moved, settings, seconds) : summary(moved, settings, seconds));
  return 0;
}

const REDRAW_EVERY_MS = 100;

/** One line that is written over, on a terminal; else nothing. */
function progressLine(stream: NodeJS.WriteStream): { show: (step: MoveStep) => void; clear: () => void } {
  let drawnAt = Number.NEGATIVE_INFINITY;
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  const draw = (text: string) => stream.write(`\r${text}\u001b[K`);
  return {
    show({ table, rows, of }) {
      if (performance.now() - drawnAt < REDRAW_EVERY_MS) return;
      drawnAt = performance.now();
      draw(`copying ${table}: ${rows} of ${counted(of, 'row', 'rows')}`);
    },
    clear: () => draw(''),
  };
}

function asJson({ migratedFrom, tables }: Moved, { from, to }: MoveSettings, seconds: number): string {
  const listed = tables.map(({ name, rows, sha256 }) => ({ table: name, rows, sha256 }));
  const sides = { from: from.path, to: to.place };
  return `${JSON.stringify({ ok: true, ...sides, migrated_from: migratedFrom, seconds, tables: listed }, null, 2)}\n`;
}

function summary({ tables }: Moved, { from, to, configured }: MoveSettings, seconds: number): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const start = configured
    ? ['The config names it already: start the service.']
    : [
        'Write into the config, with the address in DATABASE_URL:',
        '\njournal:',
        '  url: "${DATABASE_URL}"',
        `  schema: ${to.schema}`,
        '\nThen start the service.',
      ];
  return [
    `From ${printable(from.path)} to ${to.place}:`,
    ...tables.map((table) => `  ${table.name.padEnd(11)} ${String(table.rows).padStart(10)}`),
    `${counted(rows, 'row', 'rows')} in ${seconds} s; compared on both sides, all are the same.`,
    '',
    ...start,
    `${printable(from.path)} is kept as it was. When all is well it may be removed; a service that is started with it would send again.`,
    '',
  ].join('\n');
}
