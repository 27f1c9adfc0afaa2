/**
 * Group commit: the writes that arrive within one turn of the event loop, or while a commit is under way, share the
 * next transaction and its one sync.
 *
 * A write is answered only after COMMIT. Where a batch fails because of one of its writes, nothing of it was kept and
 * each is tried again in a transaction of its own, so the one at fault fails alone. Where the database itself is out
 * (full, locked, read-only) all of them fail, and the next batch tries anew. So they do where all writes were made and
 * the commit failed: none of them is at fault, and it is not known whether they were kept.
 */
import type { OnCommit } from './database.ts';

export interface GroupCommitOptions<Connection, Item extends Write> {
  /** Runs `body` within a transaction: it resolves after COMMIT, or rejects with everything rolled back. */
  readonly transaction: <T>(body: (connection: Connection) => Promise<T>) => Promise<T>;
  /** Makes these changes in this order. For each, what answers its caller once the transaction is committed. */
  readonly run: (batch: readonly Item[], connection: Connection) => Promise<readonly (() => void)[]>;
  /** Whether this error would meet any other write just as well. */
  readonly isOutage: (error: unknown) => boolean;
  /** The most writes in one transaction. */
  readonly limit: number;
  readonly onCommit?: OnCommit | undefined;
}

export interface Write {
  reject(error: unknown): void;
}

export class GroupCommit<Connection, Item extends Write> {
  readonly #options: GroupCommitOptions<Connection, Item>;
  readonly #waiting: Item[] = [];
  #running: Promise<void> | null = null;

  constructor(options: GroupCommitOptions<Connection, Item>) {
    this.#options = options;
  }

  write(item: Item): void {
    this.#waiting.push(item);
    this.#running ??= this.#run();
  }

  /** Resolves when every write so far has been answered. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Before the batch is taken: what arrives within this turn is part of it.
    await turnOfTheLoop();
    while (this.#waiting.length > 0) {
      await this.#commit(this.#waiting.splice(0, this.#options.limit));
      // A database that never leaves the microtasks would keep answers and arrivals out.
      await turnOfTheLoop();
    }
    this.#running = null;
  }

  async #commit(batch: readonly Item[]): Promise<void> {
    const { transaction, run, isOutage, onCommit } = this.#options;
    const began = performance.now();
    let areMade = false;
    let answers: readonly (() => void)[];
    try {
      answers = await transaction(async (connection) => {
        areMade = false;
        const made = await run(batch, connection);
        areMade = true;
        return made;
      });
    } catch (error) {
      if (batch.length === 1 || areMade || isOutage(error)) {
        for (const write of batch) write.reject(error);
      } else {
        for (const write of batch) {
          await turnOfTheLoop();
          await this.#commit([write]);
        }
      }
      return;
    }
    onCommit?.({ ms: performance.now() - began, changes: batch.length });
    for (const answer of answers) answer();
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
