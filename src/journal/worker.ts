/** The journal's thread: opens the journal it is told to, and then does what the main thread orders. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { JournalError, journalError } from './errors.ts';
import { openSqliteStore } from './open-sqlite.ts';
import type { Store } from './store.ts';
import { type Call, type News, OPENING_ID, type Opening, type Order, toFailure } from './thread-protocol.ts';

class JournalThread {
  readonly #port: MessagePort;
  readonly #store: Store;
  readonly #path: string;
  #news: News[] = [];

  constructor(port: MessagePort, store: Store, path: string) {
    this.#port = port;
    this.#store = store;
    this.#path = path;
    port.on('message', (order: Order) => {
      if (order === 'close') void this.#close();
      else for (const call of order) this.#do(call);
    });
  }

  #do({ id, operation, argument }: Call): void {
    this.#store.call(operation, argument).then(
      (value) => this.tell({ id, value }),
      (error: unknown) => this.tell({ id, failure: failureOf(error, this.#path) }),
    );
  }

  /** All the answers of one commit come in one run of microtasks; they leave together, before the next commit. */
  tell(news: News): void {
    if (this.#news.length === 0) process.nextTick(() => this.#report());
    this.#news.push(news);
  }

  #report(): void {
    this.#port.postMessage(this.#news);
    this.#news = [];
  }

  async #close(): Promise<void> {
    try {
      await this.#store.close();
    } finally {
      // The last answers are still to be reported.
      setImmediate(() => this.#port.close());
    }
  }
}

function failureOf(error: unknown, path: string) {
  return toFailure(error instanceof JournalError ? error : journalError('journal-failed', path, String(error)));
}

async function main(port: MessagePort, { path, options }: Opening): Promise<void> {
  // The listener that got the opening is gone, and without one a port keeps no thread alive.
  port.ref();
  try {
    let thread: JournalThread | null = null;
    const store = await openSqliteStore(path, options, (commit) => thread?.tell({ commit }));
    thread = new JournalThread(port, store, path);
    port.postMessage([{ id: OPENING_ID, value: null }]);
  } catch (error) {
    port.postMessage([{ id: OPENING_ID, failure: failureOf(error, path) }]);
    port.close();
  }
}

parentPort?.once('message', (opening: Opening) => {
  if (parentPort !== null) void main(parentPort, opening);
});
