import { Command } from 'commander';
import { JournalError } from '../journal/errors.ts';
import type { Moved, MoveStep } from '../journal/move/move.ts';
import { counted, printable } from './delivery-table.ts';
import { type MoveArguments, type MoveSettings, moveSettings } from './move-settings.ts';
import { configOption } from './options.ts';
import { countProblems, printProblems } from './problems.ts';

interface Options extends Omit<MoveArguments, 'configNamed'> {
  readonly json?: boolean;
}

export function moveCommand(exit: (code: number) => void): Command {
  const command = new Command('move')
    .description(
      'Copy the journal of a service that is stopped into Postgres, and check the copy. Killed at any time, it goes on where it stopped when it is run again. The file stays as it is.',
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
  const { settings, problems } = await moveSettings(given);
  if (settings === null) {
    printProblems(problems, process.stderr);
    say(`${given.config} has ${countProblems(problems)}.`);
    return 1;
  }
  const { moveJournal } = await import('../journal/move/move.ts');
  const began = performance.now();
  const line = progressLine(process.stderr);
  const onMigrated = (version: number) =>
    say(`${printable(settings.from.path)} was of version ${version}, and was migrated.`);
  const moving = moveJournal({ ...settings, now: Date.now, onMigrated, onProgress: line.show });
  const moved = await moving.finally(line.clear).catch((error: unknown) => {
    const stopped = error instanceof JournalError && error.outage && error.path === settings.to.place;
    if (stopped) say('the move is not done. Nothing is lost: the same command goes on where this one stopped.');
    throw error;
  });
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  process.stdout.write(json === true ? asJson(moved, settings, seconds) : summary(moved, settings, seconds));
  return moved.ok ? 0 : 1;
}

function say(what: string): void {
  process.stderr.write(`alo-relay: ${what}\n`);
}

const REDRAW_EVERY_MS = 100;

/** One line that is written over, on a terminal; else nothing. */
function progressLine(stream: NodeJS.WriteStream): { show: (step: MoveStep) => void; clear: () => void } {
  let drawnAt = Number.NEGATIVE_INFINITY;
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  const draw = (text: string) => stream.write(`\r${text}\u001b[K`);
  return {
    show({ doing, table, rows, of }) {
      if (performance.now() - drawnAt < REDRAW_EVERY_MS) return;
      drawnAt = performance.now();
      draw(`${doing} ${table}: ${rows} of ${counted(of, 'row', 'rows')}`);
    },
    clear: () => draw(''),
  };
}

function asJson({ ok, resumed, migratedFrom, tables }: Moved, { from, to }: MoveSettings, seconds: number): string {
  const told = tables.map(({ name, rows, digests, differsAt }) => ({
    table: name,
    rows: rows.source,
    rows_in_target: rows.target,
    sha256: digests.source,
    sha256_in_target: digests.target,
    differs_at: differsAt,
  }));
  const sides = { from: from.path, to: to.place };
  const result = { ok, ...sides, resumed, migrated_from: migratedFrom, seconds, tables: told };
  return `${JSON.stringify(result, null, 2)}\n`;
}

function summary({ ok, resumed, tables }: Moved, settings: MoveSettings, seconds: number): string {
  const { from, to } = settings;
  const rows = tables.reduce((sum, table) => sum + table.rows.source, 0);
  const lines = [
    resumed ? 'Went on where an earlier move had stopped.' : [],
    `From ${printable(from.path)} to ${to.place}:`,
    tables.map((table) => `  ${table.name.padEnd(11)} ${String(table.rows.source).padStart(10)}`),
    `${counted(rows, 'row', 'rows')} in ${seconds} s; compared on both sides, ${ok ? 'all are the same' : 'NOT all are the same'}.`,
    ok ? next(settings) : differences(tables, to.schema),
  ];
  return `${lines.flat().join('\n')}\n`;
}

function next({ from, to: { schema }, configured }: MoveSettings): string[] {
  const config = ['Write into the config, with the address in DATABASE_URL:', '', 'journal:'];
  const keys = ['  url: "${DATABASE_URL}"', `  schema: ${schema}`, ''];
  return [
    '',
    ...(configured
      ? ['The config names it already: start the service.']
      : [...config, ...keys, 'Then start the service.']),
    `${printable(from.path)} is kept as it was. When all is well it may be removed; a service that is started with it would send again.`,
  ];
}

function differences(tables: Moved['tables'], schema: string): string[] {
  const told = tables.flatMap(({ name, rows, differsAt }) => {
    if (differsAt === null && rows.source === rows.target) return [];
    const where = differsAt === null ? '' : `, first at number ${differsAt}`;
    return [`  ${name}: ${counted(rows.source, 'row', 'rows')} here, ${rows.target} there${where}`];
  });
  return [
    ...told,
    'Something has changed one of the two since the move began. The copy stays closed to services.',
    `Do away with it (drop schema ${schema} cascade), and move again while nothing runs.`,
  ];
}
