/** One life of the service: the real program as a process of its own, from its start to its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, globSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Program {
  /** What is run; told to whoever reads the result. */
  readonly name: string;
  readonly cli: string;
  /** What is wrong with it; null: nothing. */
  readonly warning: string | null;
}

/** What users run. Throws where it was not built. */
export function builtProgram(): Program {
  const cli = resolve(ROOT, 'dist/cli.js');
  const built = statSync(cli, { throwIfNoEntry: false });
  if (built === undefined) throw new Error('There is no dist/cli.js: run `npm run build` first.');
  const newest = Math.max(
    ...globSync('src/**/*.ts', { cwd: ROOT }).map((file) => statSync(resolve(ROOT, file)).mtimeMs),
  );
  const warning =
    newest > built.mtimeMs ? 'dist/ is older than src/: run `npm run build` to test what is there now.' : null;
  return { name: 'node dist/cli.js', cli, warning };
}

/** The sources as they are. */
export function sourceProgram(): Program {
  return { name: 'node src/cli.ts', cli: resolve(ROOT, 'src/cli.ts'), warning: null };
}

export interface ServiceOptions {
  readonly program: Program;
  readonly folder: string;
  readonly config: string;
  /** `point#n`; null: nowhere. */
  readonly dieAt: string | null;
  /** The same, for SIGSTOP. */
  readonly stopAt?: string | null;
  /** The file to which everything that it logs is added; null: only errors, kept in memory. */
  readonly log: string | null;
  /** A module that it loads first; null: none. */
  readonly preload: string | null;
}

export interface LifeEnded {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Of what it printed, the end. */
const KEPT_OUTPUT = 4_000;

const running = new Set<ChildProcess>();

export class Service {
  /** True once it is ready; false where it ended before. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<LifeEnded>;
  readonly #child: ChildProcess;
  readonly #log: string | null;
  #output = '';

  constructor({ program, folder, config, dieAt, stopAt = null, log, preload }: ServiceOptions) {
    const args = [program.cli, 'serve', '--config', config, '--log-level', log === null ? 'error' : 'debug'];
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_OPTIONS: ['--disable-warning=ExperimentalWarning', preload && `--import=${preload}`]
        .filter(Boolean)
        .join(' '),
      ...(dieAt !== null && { ALO_RELAY_DIE_AT: dieAt }),
      ...(stopAt !== null && { ALO_RELAY_STOP_AT: stopAt }),
    };
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#log = log;
    running.add(child);
    this.ended = once(child, 'close').then(([code, signal]): LifeEnded => {
      running.delete(child);
      return { code, signal };
    });
    const isReady = new Promise<true>((ready) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          this.#keep(String(chunk));
          if (this.#output.includes('alo-relay is ready')) ready(true);
        });
      }
    });
    this.ready = Promise.race([isReady, this.ended.then(() => false)]);
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether SIGSTOP holds it; false where the system does not tell. */
  get stopped(): boolean {
    try {
      return /\) T /.test(readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1'));
    } catch {
      return false;
    }
  }

  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  #keep(text: string): void {
    if (this.#log !== null) appendFileSync(this.#log, text);
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
  }
}

/** For whoever ends in the middle: no process stays behind. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
