/** The command line: argv → exit code. 0 done, 1 found a problem, 2 bad usage. Each command is a file beside this. */
import { Command, CommanderError } from 'commander';
import { RelayError } from '../core/errors.ts';
import { VERSION } from '../core/version.ts';
import { JournalError } from '../journal/errors.ts';
import type { MakeCommand } from './commands.ts';
import { envFileOption, loadEnvFiles } from './env-file.ts';

/** Runs one command and gives its exit code. Never throws. */
export async function run(argv: readonly string[]): Promise<number> {
  outliveReaders();
  let exitCode = 0;
  const program = new Command('alo-relay')
    .description('Relays ALO and Allo webhooks to Slack, each exactly once and in order.')
    .version(VERSION)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .addOption(envFileOption())
    // Before the command looks for its own options in the environment.
    .hook('preSubcommand', (command) => loadEnvFiles(command.opts().envFile))
    .exitOverride();
  for (const make of await commandsFor(argv)) {
    const command = make((code) => {
      exitCode = code;
    });
    program.addCommand(command.copyInheritedSettings(program));
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** The service carries nothing of what the other commands need: it starts sooner, and takes less memory. */
async function commandsFor([name]: readonly string[]): Promise<readonly MakeCommand[]> {
  if (name === 'serve') {
    const { serveCommand } = await import('./serve.ts');
    return [serveCommand];
  }
  const { COMMANDS } = await import('./commands.ts');
  return COMMANDS;
}

/** Who reads the output may have seen enough (`| head`): what a command does, it does to the end. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!('code' in error && error.code === 'EPIPE')) throw error;
    });
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
