/** The journal's thread: opens the journal it is told to, and then does what the main thread orders. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { JournalError, journalError } from './errors.ts';
import { openSqliteStore } from './open-sqlite.ts';
import type { Store } from './store.ts';
import { type Answer, type Call, OPENING_ID, type Opening, type Order, toFailure } from './thread-protocol.ts';

class JournalThread {
  readonly #port: MessagePort;
  readonly #store: Store;
  readonly #path: string;
  #answers: Answer[] = [];

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
      (value) => this.#answer({ id, value }),
      (error: unknown) => this.#answer({ id, failure: failureOf(error, this.#path) }),
    );
  }

  /** All the answers of one commit come in one run of microtasks; they leave together, before the next commit. */
  #answer(answer: Answer): void {
    if (this.#answers.length === 0) process.nextTick(() => this.#report());
    this.#answers.push(answer);
  }

  #report(): void {
    this.#port.postMessage(this.#answers);
    this.#answers = [];
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
    const store = await openSqliteStore(path, options);
    new JournalThread(port, store, path);
    port.postMessage([{ id: OPENING_ID, value: null }]);
  } catch (error) {
    port.postMessage([{ id: OPENING_ID, failure: failureOf(error, path) }]);
    port.close();
  }
}

parentPort?.once('message', (opening: Opening) => {
  if (parentPort !== null) void main(parentPort, opening);
});
