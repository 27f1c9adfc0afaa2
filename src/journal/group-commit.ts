/**
 * Group commit: the writes that arrive within one turn of the event loop, or while a commit is under way, share the
 * next transaction and its one fsync.
 *
 * A write is answered only after COMMIT. Where a batch fails because of one of its writes, nothing of it was kept and
 * each is tried again in a transaction of its own, so the one at fault fails alone. Where the database itself is out
 * (full, locked, read-only) all of them fail, and the next batch tries anew.
 */
export interface GroupCommitOptions<Connection> {
  /** Runs `body` within a transaction: it resolves after COMMIT, or rejects with everything rolled back. */
  readonly transaction: <T>(body: (connection: Connection) => Promise<T>) => Promise<T>;
  /** Whether this error would meet any other write just as well. */
  readonly isOutage: (error: unknown) => boolean;
  /** The most writes in one transaction. */
  readonly limit: number;
}

interface Write<Connection> {
  /** Returns what answers the caller once the transaction is committed. */
  run(connection: Connection): Promise<() => void>;
  reject(error: unknown): void;
}

export class GroupCommit<Connection> {
  readonly #options: GroupCommitOptions<Connection>;
  readonly #waiting: Write<Connection>[] = [];
  #running: Promise<void> | null = null;

  constructor(options: GroupCommitOptions<Connection>) {
    this.#options = options;
  }

  write<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        async run(connection) {
          const value = await work(connection);
          return () => resolve(value);
        },
        reject,
      });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when every write so far has been answered. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Also between batches: a database that never leaves the microtasks would keep answers and arrivals out.
      await turnOfTheLoop();
      await this.#commit(this.#waiting.splice(0, this.#options.limit));
    }
    this.#running = null;
  }

  async #commit(batch: readonly Write<Connection>[]): Promise<void> {
    try {
      const answers = await this.#options.transaction((connection) => runAll(batch, connection));
      for (const answer of answers) answer();
    } catch (error) {
      if (batch.length === 1 || this.#options.isOutage(error)) {
        for (const write of batch) write.reject(error);
      } else {
        for (const write of batch) await this.#commit([write]);
      }
    }
  }
}

async function runAll<C>(batch: readonly Write<C>[], connection: C): Promise<(() => void)[]> {
  const answers: (() => void)[] = [];
  for (const write of batch) answers.push(await write.run(connection));
  return answers;
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
