/** The command line: argv → exit code. 0 done, 1 found a problem, 2 bad usage. Each command is a file beside this. */
import { Command, CommanderError } from 'commander';
import { RelayError } from '../core/errors.ts';
import { VERSION } from '../core/version.ts';
import { JournalError } from '../journal/errors.ts';
import { checkCommand } from './check.ts';
import { deliveriesCommand } from './deliveries.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { fieldsCommand } from './fields.ts';
import { initCommand } from './init.ts';
import { manifestCommand } from './manifest.ts';
import { replayCommand } from './replay.ts';
import { schemaCommand } from './schema.ts';
import { sendCommand } from './send.ts';
import { serveCommand } from './serve.ts';
import { testCommand } from './test.ts';

/** Runs one command and gives its exit code. Never throws. */
export async function run(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('alo-relay')
    .description('Relays ALO and Allo webhooks to Slack, each exactly once and in order.')
    .version(VERSION)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const make of [
    serveCommand,
    initCommand,
    checkCommand,
    explainCommand,
    testCommand,
    fieldsCommand,
    doctorCommand,
    sendCommand,
    deliveriesCommand,
    replayCommand,
    manifestCommand,
    schemaCommand,
  ]) {
    const command = make((code) => {
      exitCode = code;
    });
    program.addCommand(command.exitOverride());
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof RelayError || error instanceof JournalError) {
    process.stderr.write(`alo-relay: ${error.message}\n`);
    return error instanceof RelayError && error.code === 'usage' ? 2 : 1;
  }
  process.stderr.write(`alo-relay: unexpected: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
