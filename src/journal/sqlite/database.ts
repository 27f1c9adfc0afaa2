/**
 * A journal in a SQLite file, in this thread: its statements take microseconds, and only the disk is waited for, which
 * happens beside the event loop (synced-log.ts). What may read many rows, and checkpoints, happen in a thread (reader.ts).
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Database, OnCommit } from '../database.ts';
import { JournalError, journalError } from '../errors.ts';
import { GroupCommit, type Write } from '../group-commit.ts';
import type { Operation } from '../operation.ts';
import { inTransaction, SqliteConnection } from './connection.ts';
import { explainSqlite } from './errors.ts';
import type { SqliteGuard } from './guard.ts';
import type { SqliteReader } from './reader.ts';
import type { SyncedLog } from './synced-log.ts';

/** Bounds how long one commit takes, and how much is repeated where one write in it is at fault. */
const WRITES_PER_COMMIT = 512;

/** Pages in the log that are copied into the database file: seldom enough that one copy serves many writes of a page. */
const CHECKPOINT_FRAMES = 8_000;
const PAGE_BYTES = 4_096;

export interface SqliteParts {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly guard: SqliteGuard;
  readonly log: SyncedLog;
  readonly reader: SqliteReader;
  /** See SqliteOptions. */
  readonly smallBytes: number;
  /** Lets go of the claim on the file. Called last. */
  readonly release: () => void;
  readonly onCommit?: OnCommit | undefined;
}

interface Change extends Write {
  /** Returns what answers the caller. */
  run(): Promise<() => void>;
}

export class SqliteJournal implements Database {
  readonly lost: Promise<JournalError>;
  readonly #parts: SqliteParts;
  readonly #connection: SqliteConnection;
  readonly #commits: GroupCommit<null, Change>;
  readonly #tellLost: (why: JournalError) => void;
  #gone: JournalError | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: SqliteParts) {
    const { database, guard, onCommit } = parts;
    const lost = Promise.withResolvers<JournalError>();
    this.lost = lost.promise;
    this.#tellLost = lost.resolve;
    this.#parts = parts;
    this.#connection = new SqliteConnection(database, guard);
    this.#commits = new GroupCommit({
      transaction: (body) => this.#transaction(() => body(null)),
      run: (batch) => runAll(batch),
      isOutage: (error) => error instanceof JournalError && error.outage,
      limit: WRITES_PER_COMMIT,
      onCommit,
    });
  }

  async call<A extends readonly unknown[], R>(operation: Operation<A, R>, given: A): Promise<R> {
    const refusal = this.#refusal(operation);
    if (refusal !== null) throw refusal;
    if (operation.writes) return this.#write(operation, given);
    try {
      if (operation.long === true && this.#isWorthThread()) return await this.#parts.reader.read(operation, given);
      return await operation.run(this.#connection, ...given);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { database, log, reader, release } = this.#parts;
    await this.#commits.idle();
    await reader.close();
    try {
      database.close();
    } finally {
      log.close();
      release();
    }
  }

  #refusal(operation: Pick<Operation<never, unknown>, 'writes' | 'needs'>): JournalError | null {
    if (this.#gone !== null) return this.#gone;
    if (this.#closing !== null) return journalError('journal-closed', this.#parts.path);
    return this.#parts.guard.refusal(operation);
  }

  /** Of files that were replaced, only the connection that has them open reads what was accepted. */
  #isWorthThread(): boolean {
    const { guard, log, smallBytes } = this.#parts;
    return guard.bytes() + log.frames() * PAGE_BYTES >= smallBytes && guard.intact();
  }

  #write<A extends readonly unknown[], R>(operation: Operation<A, R>, given: A): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#commits.write({
        run: async () => {
          const result = await operation.run(this.#connection, ...given);
          return () => {
            operation.committed?.(this.#connection, result, ...given);
            resolve(result);
          };
        },
        reject,
      });
    });
  }

  async #transaction<T>(body: () => Promise<T>): Promise<T> {
    if (this.#gone !== null) throw this.#gone;
    const { database, guard, log, reader } = this.#parts;
    try {
      guard.beginning();
      const result = await inTransaction(database, body);
      await this.#sync();
      guard.committed();
      if (log.frames() >= CHECKPOINT_FRAMES) reader.checkpoint();
      return result;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async #sync(): Promise<void> {
    try {
      await this.#parts.log.sync();
    } catch (error) {
      const detail = `its log cannot be synced to disk: ${error instanceof Error ? error.message : String(error)}`;
      this.#gone = journalError('journal-lost', this.#parts.path, detail);
      this.#tellLost(this.#gone);
      throw this.#gone;
    }
  }

  #explain(error: unknown): JournalError {
    return this.#parts.guard.learn(explainSqlite(error, this.#parts.path));
  }
}

async function runAll(batch: readonly Change[]): Promise<(() => void)[]> {
  const answers: (() => void)[] = [];
  for (const change of batch) answers.push(await change.run());
  return answers;
}
