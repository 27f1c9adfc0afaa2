/** Dry runs in a thread of their own, one at a time, each within a time and a memory of its own. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../core/built-files.ts';
import type { Clock } from '../../core/clock.ts';
import type { PlaygroundOrder } from './run.ts';

/** `stopped`: it took more time, or more memory, than it may. */
export type PlaygroundEnd =
  | { readonly kind: 'done'; readonly json: string }
  | { readonly kind: 'busy' }
  | { readonly kind: 'stopped'; readonly by: 'time' | 'memory' | 'size' };

/** More than any text that is meant takes, by far; rendering one has 500 ms. */
export const LONGEST_RUN_MS = 5_000;
const MEMORY_MB = 192;
const LONGEST_ANSWER = 8_000_000;
/** Under way and waiting; more are turned away. */
const MOST_AT_ONCE = 8;
/** Then the thread ends, and its memory is free. */
const IDLE_MS = 60_000;

const THREAD = new URL('./worker.ts', import.meta.url);

export class PlaygroundThread {
  readonly #clock: Pick<Clock, 'after'>;
  #worker: Promise<Worker> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #asked = 0;
  #cancelIdle: () => void = () => undefined;
  #closed = false;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Rejects where the thread cannot be started. */
  run(order: PlaygroundOrder): Promise<PlaygroundEnd> {
    if (this.#asked >= MOST_AT_ONCE || this.#closed) return Promise.resolve({ kind: 'busy' });
    this.#asked += 1;
    const done = this.#last.then(() => this.#do(order));
    this.#last = done.catch(() => undefined).finally(() => this.#rest());
    return done;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #do(order: PlaygroundOrder): Promise<PlaygroundEnd> {
    if (this.#closed) return { kind: 'busy' };
    this.#cancelIdle();
    this.#worker ??= startWorker();
    const end = await this.#worker
      .then((worker) => this.#ask(worker, order))
      .catch(async (error: unknown) => {
        await this.#end();
        throw error;
      });
    if (end.kind === 'stopped') await this.#end();
    return end;
  }

  #ask(worker: Worker, order: PlaygroundOrder): Promise<PlaygroundEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<PlaygroundEnd>();
    const cancel = this.#clock.after(LONGEST_RUN_MS, () => resolve({ kind: 'stopped', by: 'time' }));
    const onMessage = (json: string) =>
      resolve(json.length > LONGEST_ANSWER ? { kind: 'stopped', by: 'size' } : { kind: 'done', json });
    const onError = (error: unknown) => (isMemory(error) ? resolve({ kind: 'stopped', by: 'memory' }) : reject(error));
    const onExit = () => resolve({ kind: 'busy' });
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
    worker.postMessage(order);
    return promise.finally(() => {
      cancel();
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    });
  }

  #rest(): void {
    this.#asked -= 1;
    if (this.#asked > 0 || this.#closed) return;
    this.#cancelIdle = this.#clock.after(IDLE_MS, () => void this.#end());
  }

  async #end(): Promise<void> {
    this.#cancelIdle();
    const worker = this.#worker;
    this.#worker = null;
    await worker?.then((started) => started.terminate()).catch(() => undefined);
  }
}

async function startWorker(): Promise<Worker> {
  const worker = startThread('playground-worker', THREAD, {
    name: 'playground',
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  // It is never what keeps the service running.
  worker.unref();
  await once(worker, 'message');
  // Between runs nobody else listens; the next one finds out by itself.
  worker.on('error', () => undefined);
  return worker;
}

function isMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
