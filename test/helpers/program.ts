import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { until } from './until.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

export interface Program {
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits for a match in what was printed, on either stream, and gives its first group. */
  printed(pattern: RegExp): Promise<string>;
  /** Resolves with the exit code, or the signal's name. */
  ended(): Promise<number | string>;
}

const running = new Set<ChildProcess>();

interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** A command that runs the program, as our own child. */
  readonly under?: readonly string[];
  /** The program, where it is not the one of the sources. */
  readonly program?: readonly string[];
}

/** Starts the real command line as a process of its own. */
export function start(
  args: readonly string[],
  { cwd, env = {}, under = [], program = [process.execPath, CLI] }: ProgramOptions,
): Program {
  const clean = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    ...env,
  };
  const [command = '', ...rest] = [...under, ...program, ...args];
  const child = spawn(command, rest, { cwd, env: clean, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exit = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return code ?? signal;
  });
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: (pattern) =>
      until(() => {
        const [, group] = pattern.exec(stdout) ?? pattern.exec(stderr) ?? [];
        if (group === undefined && child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${stderr}`);
        return group;
      }, 20_000),
    ended: () => exit,
  };
}

/** Runs a command to its end. */
export async function run(args: readonly string[], options: ProgramOptions) {
  const program = start(args, options);
  const code = await program.ended();
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

/** For `afterEach`: a process that a failed test left behind ends with it. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
