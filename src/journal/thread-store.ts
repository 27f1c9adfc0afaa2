import { Worker } from 'node:worker_threads';
import type { CommitFacts } from '../core/telemetry.ts';
import { type JournalError, journalError } from './errors.ts';
import type { SqliteOptions } from './open-sqlite.ts';
import type { Argument, Entry, Operation, Result, Store } from './store.ts';
import { type Call, fromFailure, OPENING_ID, type Opening, type Order, type Report } from './thread-protocol.ts';

interface Waiting {
  /** Takes the result of the operation that was called; its type is lost on the way through the thread. */
  resolve(value: unknown): void;
  reject(error: JournalError): void;
}

const CALLS_PER_ORDER = 8;

/** From source the thread's file is beside this one; in dist/ it is a bundle of its own. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './journal-worker.js', import.meta.url);

/** A thread that waits to be told which journal to open. Until then it does not keep the process. */
export function startThread(): Worker {
  const worker = new Worker(WORKER, { name: 'journal' });
  worker.unref();
  return worker;
}

export interface ThreadOptions extends SqliteOptions {
  /** Told of every commit, shortly after it. */
  readonly onCommit?: (facts: CommitFacts) => void;
}

/**
 * A SQLite journal in a thread of its own, so that waiting for the disk holds nothing else up.
 * @throws JournalError where it cannot be opened; the thread has ended then.
 */
export async function openThreadStore(
  worker: Worker,
  path: string,
  { onCommit, ...options }: ThreadOptions,
): Promise<Store> {
  const store = new ThreadStore(worker, { path, options }, onCommit);
  try {
    await store.opened;
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return store;
}

/** A store whose operations are done by a thread that runs worker.ts. */
export class ThreadStore implements Store {
  readonly lost: Promise<JournalError>;
  /** Resolves once the thread has the journal open. */
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  readonly #onCommit: (facts: CommitFacts) => void;
  #calls: Call[] = [];
  #lastId = OPENING_ID;
  #closing: Promise<void> | null = null;
  readonly #tellLost: (reason: JournalError) => void;
  /** Set once the thread is gone: why there will be no more answers. */
  #gone: JournalError | null = null;

  constructor(worker: Worker, opening: Opening, onCommit: ThreadOptions['onCommit'] = () => undefined) {
    this.#onCommit = onCommit;
    const lost = Promise.withResolvers<JournalError>();
    this.lost = lost.promise;
    this.#tellLost = lost.resolve;
    this.#worker = worker;
    this.#path = opening.path;
    worker.ref();
    worker.postMessage(opening);
    this.opened = this.#answerTo(OPENING_ID);
    worker.on('message', (report: Report) => this.#take(report));
    worker.on('error', (error) => this.#lose(error instanceof Error ? error.message : String(error)));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', (code) => {
        this.#lose(`exit code ${code}`);
        resolve();
      });
    });
  }

  call<K extends Operation>(operation: K, argument: Argument<K>): Promise<Result<K>> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    if (this.#closing !== null) return Promise.reject(journalError('journal-closed', this.#path));
    this.#lastId += 1;
    if (this.#calls.length === 0) setImmediate(() => this.#flush());
    this.#calls.push({ id: this.#lastId, operation, argument });
    // Otherwise the thread would wait while this one works through a turn full of requests, and the other way round.
    if (this.#calls.length === CALLS_PER_ORDER) this.#flush();
    return this.#answerTo<K>(this.#lastId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#flush();
    this.#send('close');
    await this.#ended;
  }

  #answerTo<K extends Operation>(id: number): Promise<Result<K>> {
    return new Promise<Result<K>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value: Result<K>) => resolve(value), reject });
    });
  }

  #flush(): void {
    if (this.#calls.length === 0) return;
    const { calls, buffer } = pack(this.#calls);
    this.#calls = [];
    this.#send(calls, buffer);
  }

  #send(order: Order, buffer?: ArrayBuffer): void {
    this.#worker.postMessage(order, buffer === undefined ? [] : [buffer]);
  }

  #take(report: Report): void {
    for (const answer of report) {
      if ('commit' in answer) {
        this.#onCommit(answer.commit);
        continue;
      }
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('failure' in answer) waiting?.reject(fromFailure(answer.failure));
      else waiting?.resolve(answer.value);
    }
  }

  #lose(detail: string): void {
    if (this.#gone !== null) return;
    if (this.#closing === null) {
      this.#gone = journalError('journal-lost', this.#path, `its thread ended: ${detail}`);
      this.#tellLost(this.#gone);
    } else {
      this.#gone = journalError('journal-closed', this.#path);
    }
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
    this.#waiting.clear();
  }
}

/**
 * Moves the bodies of a batch into one buffer, which is handed over instead of copied. It also leaves behind what a
 * body may be a small part of: structured clone would copy all of a Buffer's pool.
 */
function pack(calls: readonly Call[]): { calls: readonly Call[]; buffer: ArrayBuffer } {
  let size = 0;
  for (const { argument } of calls) if (isEntry(argument)) size += argument.body.byteLength;
  const buffer = new ArrayBuffer(size);
  let offset = 0;
  const packed = calls.map((call) => {
    if (!isEntry(call.argument)) return call;
    const body = new Uint8Array(buffer, offset, call.argument.body.byteLength);
    body.set(call.argument.body);
    offset += body.byteLength;
    return { ...call, argument: { ...call.argument, body } };
  });
  return { calls: packed, buffer };
}

function isEntry(argument: Argument<Operation>): argument is Entry {
  return argument !== null && 'body' in argument;
}
