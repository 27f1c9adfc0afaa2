/** The processes of a run: servers that are reached by HTTP alone, and helpers that answer questions. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 20_000;

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

export interface ServerOptions {
  /** For node: the script and its arguments. */
  readonly args: readonly string[];
  readonly port: number;
  /** Where its output goes. */
  readonly logFile: string;
}

/** A server, with what it takes to look at it from outside. */
export interface Server extends AsyncDisposable {
  readonly origin: string;
  /** From the spawn until a connection is taken. */
  readonly startedInMs: number;
  /** Resident memory, in MiB. */
  residentMiB(): Promise<number>;
  /** Processor time of all its threads so far, in ms, to 10 ms. */
  processorMs(): Promise<number>;
}

/** Starts a server and waits until it listens, and then until it answers a request. Rejects with its last words when it ends before. */
export async function startServer({ args, port, logFile }: ServerOptions): Promise<Server> {
  const log = openSync(logFile, 'a');
  const origin = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], env: environment() });
  closeSync(log);
  killAtExit(child);
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) {
      if (performance.now() - startedAt > START_WITHIN_MS || hasEnded(child)) {
        await stop(child);
        throw new Error(`${args[0]} did not start:\n${(await readFile(logFile, 'utf8')).slice(-2000)}`);
      }
      await sleep(1);
    }
  };
  await until(() => listens(port));
  const startedInMs = performance.now() - startedAt;
  await until(() => answers(`${origin}/healthz`));
  return {
    origin,
    startedInMs,
    residentMiB: () => residentMiB(child),
    processorMs: () => processorMs(child),
    [Symbol.asyncDispose]: () => stop(child),
  };
}

/** A port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

/** A script of this folder in a process of its own; the other end of `answer`. */
export class Helper implements AsyncDisposable {
  readonly #script: string;
  readonly #child: ChildProcess;

  constructor(script: string, args: readonly string[] = []) {
    this.#script = script;
    this.#child = fork(fileURLToPath(new URL(script, import.meta.url)), args, { env: environment() });
    killAtExit(this.#child);
  }

  /** The helper's answer; rejects with its error, or when there is none in time. One question at a time. */
  async ask<Answer>(question: object, withinMs: number): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timeUp = setTimeout(() => reject(new Error(`${this.#script} gave no answer in ${withinMs} ms.`)), withinMs);
    const ended = () => reject(new Error(`${this.#script} ended.`));
    this.#child.once('exit', ended);
    this.#child.once('message', ({ value, error }: { value: Answer; error?: string }) => {
      if (error === undefined) resolve(value);
      else reject(new Error(`${this.#script}: ${error}`));
    });
    this.#child.send(question);
    return promise.finally(() => {
      clearTimeout(timeUp);
      this.#child.off('exit', ended);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return stop(this.#child);
  }
}

/** In a helper: what it does with each question. Ends with the process that asks. */
export function answer<Question>(work: (question: Question) => Promise<unknown>): void {
  process.on('message', (question: Question) => {
    work(question).then(
      (value) => process.send?.({ value }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.once('disconnect', () => process.exit());
}

/** As the service runs, whatever started the benchmark. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, LOG_LEVEL: __, ...rest } = process.env;
  return { ...rest, NODE_ENV: 'production' };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

async function residentMiB({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('This system does not say how much memory a process holds.');
  return Number(kibibytes) / 1024;
}

async function processorMs({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name before them is in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(impatience);
}

function killAtExit(child: ChildProcess): void {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}
