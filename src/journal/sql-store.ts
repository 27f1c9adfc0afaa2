import { CompiledQuery, type DatabaseConnection, type Kysely } from 'kysely';
import type { CommitFacts } from '../core/telemetry.ts';
import { JournalError, journalError } from './errors.ts';
import { GroupCommit, type Write } from './group-commit.ts';
import { handlersOf } from './operations/all.ts';
import type { Handler, Handlers } from './operations/handlers.ts';
import { ALONE, type Hooks, type Room } from './operations/hooks.ts';
import type { AcceptedRow } from './rows.ts';
import type { Tables } from './schema.ts';
import type { Argument, Entry, Operation, Result, Store } from './store.ts';
import { type Touched, touchedBy } from './touched.ts';

/** Bounds how long one commit takes, and how much is repeated where one write in it is at fault. */
const WRITES_PER_COMMIT = 512;

const BEGIN = CompiledQuery.raw('begin');
const COMMIT = CompiledQuery.raw('commit');
const ROLLBACK = CompiledQuery.raw('rollback');

export interface SqlStoreOptions {
  readonly db: Kysely<Tables>;
  readonly path: string;
  /** Says what an error of this database means. */
  readonly explain: (error: unknown) => JournalError;
  /** Called once, when nothing is under way any more. */
  readonly release: () => void | Promise<void>;
  /** Null or left out: nobody else has this database, and its one connection makes one change after the other. */
  readonly shared?: SharedDatabase | null;
  /** Told of every commit. */
  readonly onCommit?: ((facts: CommitFacts) => void) | undefined;
  /** Null or left out: where the database is kept is not ours to watch. */
  readonly guard?: StorageGuard | null;
}

/** Watches what the database is kept in. */
export interface StorageGuard extends Room {
  /** Why this operation is not done now; null where it is. */
  refusal(operation: Operation, writes: boolean): JournalError | null;
  /** Before a commit. @throws JournalError where it would not count. */
  beginning(): void;
  /** After a commit, before its callers are answered. @throws JournalError where it does not count. */
  committed(): void;
}

/** What is done otherwise where several instances share a database. */
export interface SharedDatabase {
  readonly hooks: Hooks;
  /** Accepts many at once; their commits go on beside those of all other writes. */
  readonly acceptMany: (
    connection: DatabaseConnection,
    entries: readonly Entry[],
  ) => Promise<readonly (AcceptedRow | null)[]>;
  /** For each, whether another instance has its lane by now. What it finds ours stays ours until the commit. */
  readonly lost: (connection: DatabaseConnection, touched: readonly Touched[]) => Promise<readonly boolean[]>;
  /** Whether the same transaction may well succeed if it is made once more. */
  readonly inTheWay: (error: unknown) => boolean;
}

/** Transactions that others were in the way of are made again so often. */
const TRIES = 5;

interface Change extends Write {
  readonly touched: Touched | null;
  /** Gives what answers the caller. */
  run(connection: DatabaseConnection): Promise<() => void>;
}

interface Accept extends Write {
  readonly entry: Entry;
  resolve(row: AcceptedRow | null): void;
}

type Own = { readonly [K in Operation]?: (argument: Argument<K>) => Promise<Result<K>> };

/**
 * The journal's operations over any database that Kysely speaks to. Queries go to the connection itself: Kysely's own
 * transaction wraps each one in several more objects and promises, which costs a third of the inserts per second.
 */
export class SqlStore implements Store {
  /** Never: it is lost together with whoever waits for this. */
  readonly lost = new Promise<never>(() => {});
  readonly #options: SqlStoreOptions;
  readonly #shared: SharedDatabase | null;
  readonly #handlers: Handlers;
  readonly #changes: GroupCommit<DatabaseConnection, Change>;
  readonly #accepts: GroupCommit<DatabaseConnection, Accept>;
  readonly #own: Own;
  readonly #reads = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(options: SqlStoreOptions) {
    const shared = options.shared ?? null;
    this.#options = options;
    this.#shared = shared;
    this.#handlers = handlersOf(options.db, shared?.hooks ?? { ...ALONE, room: options.guard ?? null });
    const commits = {
      transaction: <T>(body: (connection: DatabaseConnection) => Promise<T>) => this.#transaction(body),
      isOutage: (error: unknown) => error instanceof JournalError && error.outage,
      limit: WRITES_PER_COMMIT,
      onCommit: options.onCommit,
    };
    this.#changes = new GroupCommit({ ...commits, run: (batch, connection) => this.#change(batch, connection) });
    this.#accepts = new GroupCommit({ ...commits, run: (batch, connection) => acceptAll(batch, connection, shared) });
    this.#own = shared === null ? {} : { accept: (entry) => this.#accept(entry) };
  }

  call<K extends Operation>(operation: K, argument: Argument<K>): Promise<Result<K>> {
    if (this.#closing !== null) return Promise.reject(journalError('journal-closed', this.#options.path));
    const own = this.#own[operation];
    if (own !== undefined) return own(argument);
    const handler: Handler<K> = this.#handlers[operation];
    const refusal = this.#options.guard?.refusal(operation, handler.writes) ?? null;
    if (refusal !== null) return Promise.reject(refusal);
    const work = (connection: DatabaseConnection) => handler.run(connection, argument);
    if (!handler.writes) return this.#read(work);
    const touched = this.#shared === null ? null : touchedBy(operation, argument);
    return new Promise((resolve, reject) => {
      this.#changes.write({
        touched,
        async run(connection) {
          const value = await work(connection);
          return () => resolve(value);
        },
        reject,
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#changes.idle(), this.#accepts.idle()]);
    await Promise.allSettled(this.#reads);
    try {
      await this.#options.db.destroy();
    } finally {
      await this.#options.release();
    }
  }

  #accept(entry: Entry): Promise<AcceptedRow | null> {
    return new Promise((resolve, reject) => this.#accepts.write({ entry, resolve, reject }));
  }

  async #change(batch: readonly Change[], connection: DatabaseConnection): Promise<(() => void)[]> {
    const lost = await this.#lostOf(batch, connection);
    const answers: (() => void)[] = [];
    for (const change of batch) {
      if (lost.has(change)) answers.push(() => change.reject(journalError('lane-lost', this.#options.path)));
      else answers.push(await change.run(connection));
    }
    return answers;
  }

  /** Those that are refused since another instance has their lane. */
  async #lostOf(batch: readonly Change[], connection: DatabaseConnection): Promise<ReadonlySet<Change>> {
    const fenced = this.#shared === null ? [] : batch.filter(({ touched }) => touched !== null);
    if (this.#shared === null || fenced.length === 0) return NONE;
    const lost = await this.#shared.lost(
      connection,
      fenced.flatMap(({ touched }) => touched ?? []),
    );
    return new Set(fenced.filter((_, index) => lost[index] === true));
  }

  async #read<T>(work: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    const reading = this.#options.db.getExecutor().provideConnection(work);
    this.#reads.add(reading);
    try {
      return await reading;
    } catch (error) {
      throw this.#options.explain(error);
    } finally {
      this.#reads.delete(reading);
    }
  }

  async #transaction<T>(body: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    for (let left = TRIES - 1; ; left -= 1) {
      try {
        this.#options.guard?.beginning();
        const result = await this.#options.db
          .getExecutor()
          .provideConnection((connection) => transaction(connection, body));
        this.#options.guard?.committed();
        return result;
      } catch (error) {
        if (left === 0 || this.#shared?.inTheWay(error) !== true) throw this.#options.explain(error);
      }
    }
  }
}

const NONE: ReadonlySet<never> = new Set();

async function acceptAll(
  batch: readonly Accept[],
  connection: DatabaseConnection,
  shared: SharedDatabase | null,
): Promise<(() => void)[]> {
  const entries = batch.map(({ entry }) => entry);
  const rows = (await shared?.acceptMany(connection, entries)) ?? [];
  return batch.map(({ resolve }, index) => {
    const row = rows[index];
    if (row === undefined) throw new Error('the database said nothing of one of the events');
    return () => resolve(row);
  });
}

async function transaction<T>(
  connection: DatabaseConnection,
  body: (connection: DatabaseConnection) => Promise<T>,
): Promise<T> {
  await connection.executeQuery(BEGIN);
  try {
    const result = await body(connection);
    await connection.executeQuery(COMMIT);
    return result;
  } catch (error) {
    // A full disk makes SQLite roll back by itself, and then there is nothing left to roll back.
    await connection.executeQuery(ROLLBACK).catch(() => undefined);
    throw error;
  }
}
