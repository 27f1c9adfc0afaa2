/**
 * A thread with a connection of its own to the journal's file, for what would hold up the event loop: reading many rows,
 * and copying the log into the database file (a checkpoint). It starts when it is needed and ends after a while of not
 * being needed. It sees what is committed, which may not be synced yet: nothing is sent for what it reads.
 */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../core/built-files.ts';
import type { Clock } from '../../core/clock.ts';
import { JournalError, journalError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { OPERATIONS } from '../operations/all.ts';
import type { Answer, Order, ReaderOptions } from './reader-worker.ts';

const UNUSED_MS = 10_000;
/** After a checkpoint that failed, which may have been for want of a thread. */
const CHECKPOINT_AGAIN_MS = 1_000;

const THREAD = new URL('./reader-worker.ts', import.meta.url);

const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries(OPERATIONS).map(([name, operation]) => [operation, name]),
);

interface Waiting {
  /** Takes the result of what was asked; its type is lost on the way through the thread. */
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface ReaderParts extends ReaderOptions {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
}

export class SqliteReader {
  readonly #parts: ReaderParts;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #lastId = 0;
  #checkpointing = false;
  /** Monotonic, in ms: no checkpoint before. */
  #nextCheckpoint = Number.NEGATIVE_INFINITY;
  #cancelEnd = (): void => {};
  #idle = Promise.withResolvers<void>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  read<A extends readonly unknown[], R>(operation: Operation<A, R>, given: A): Promise<R> {
    const operationName = NAMES.get(operation);
    if (operationName === undefined) return Promise.reject(new TypeError('this operation has no name'));
    return this.#ask<R>({ read: operationName, given });
  }

  /** Copies the log into the database file, unless that is under way, or failed within the last second. Never throws. */
  checkpoint(): void {
    const { clock } = this.#parts;
    if (this.#checkpointing || clock.monotonic() < this.#nextCheckpoint) return;
    this.#checkpointing = true;
    this.#ask({ checkpoint: true })
      .catch(() => {
        this.#nextCheckpoint = clock.monotonic() + CHECKPOINT_AGAIN_MS;
      })
      .finally(() => {
        this.#checkpointing = false;
      });
  }

  /** Ends the thread after what is under way. */
  async close(): Promise<void> {
    if (this.#waiting.size > 0) await this.#idle.promise;
    await this.#end();
  }

  /** Rejects where no thread can be started, too. */
  async #ask<R>(what: Order['what']): Promise<R> {
    this.#cancelEnd();
    this.#worker ??= this.#start();
    this.#lastId += 1;
    const order: Order = { id: this.#lastId, what };
    this.#worker.postMessage(order);
    this.#worker.ref();
    return new Promise<R>((resolve, reject) => {
      this.#waiting.set(order.id, { resolve: (value: R) => resolve(value), reject });
    });
  }

  #start(): Worker {
    const { file, path } = this.#parts;
    const options: ReaderOptions = { file, path };
    try {
      const worker = startThread('journal-reader', THREAD, { name: 'journal reader', workerData: options });
      worker.on('message', (answer: Answer) => this.#take(answer));
      worker.on('error', (error) => this.#lose(worker, messageOf(error)));
      worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`));
      return worker;
    } catch (error) {
      throw this.#failure(`cannot be started: ${messageOf(error)}`);
    }
  }

  #take({ id, ...answer }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if ('failure' in answer) {
      const { code, path, message } = answer.failure;
      waiting?.reject(new JournalError(code, path, message));
    } else {
      waiting?.resolve(answer.value);
    }
    if (this.#waiting.size === 0) this.#rest();
  }

  #rest(): void {
    this.#worker?.unref();
    this.#cancelEnd = this.#parts.clock.after(UNUSED_MS, () => void this.#end());
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }

  /** The thread ended, and nobody ended it: the next question starts another. */
  #lose(worker: Worker, detail: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const error = this.#failure(`ended: ${detail}`);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }

  #failure(how: string): JournalError {
    return journalError('journal-failed', this.#parts.path, `the thread that reads it ${how}`);
  }

  async #end(): Promise<void> {
    this.#cancelEnd();
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
