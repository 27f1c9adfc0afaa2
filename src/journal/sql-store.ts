import { CompiledQuery, type DatabaseConnection, type Kysely } from 'kysely';
import { JournalError, journalError } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { acceptHandlers, storeDeliveryWith } from './operations/accept.ts';
import { accountHandlers } from './operations/accounts.ts';
import { cardHandlers, saveCardWith } from './operations/cards.ts';
import { channelHandlers, saveChannelWith } from './operations/channels.ts';
import { progressHandlers } from './operations/deliveries.ts';
import { eventHandlers } from './operations/events.ts';
import type { Handler, Handlers } from './operations/handlers.ts';
import { healthHandlers } from './operations/health.ts';
import { heldHandlers } from './operations/held.ts';
import { laneHandlers } from './operations/lanes.ts';
import { pruneHandlers } from './operations/prune.ts';
import { refusalHandlers } from './operations/refusals.ts';
import { replayHandlers } from './operations/replay.ts';
import { countOccurrenceWith } from './operations/thresholds.ts';
import type { Tables } from './schema.ts';
import type { Argument, Operation, Result, Store } from './store.ts';

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
  /** Called once, after the database was closed. */
  readonly release: () => void;
}

/**
 * The journal's operations over any database that Kysely speaks to. Queries go to the connection itself: Kysely's own
 * transaction wraps each one in several more objects and promises, which costs a third of the inserts per second.
 */
export class SqlStore implements Store {
  /** Never: it is lost together with whoever waits for this. */
  readonly lost = new Promise<never>(() => {});
  readonly #options: SqlStoreOptions;
  readonly #handlers: Handlers;
  readonly #commits: GroupCommit<DatabaseConnection>;
  readonly #reads = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(options: SqlStoreOptions) {
    this.#options = options;
    this.#handlers = handlers(options.db);
    this.#commits = new GroupCommit({
      transaction: (body) => this.#transaction(body),
      isOutage: (error) => error instanceof JournalError && error.outage,
      limit: WRITES_PER_COMMIT,
    });
  }

  call<K extends Operation>(operation: K, argument: Argument<K>): Promise<Result<K>> {
    if (this.#closing !== null) return Promise.reject(journalError('journal-closed', this.#options.path));
    const handler: Handler<K> = this.#handlers[operation];
    const work = (connection: DatabaseConnection) => handler.run(connection, argument);
    return handler.writes ? this.#commits.write(work) : this.#read(work);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.idle();
    await Promise.allSettled(this.#reads);
    try {
      await this.#options.db.destroy();
    } finally {
      this.#options.release();
    }
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
    try {
      return await this.#options.db.getExecutor().provideConnection((connection) => transaction(connection, body));
    } catch (error) {
      throw this.#options.explain(error);
    }
  }
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

function handlers(db: Kysely<Tables>): Handlers {
  const saveCard = saveCardWith(db);
  const saveChannel = saveChannelWith(db);
  const storeDelivery = storeDeliveryWith(db);
  return {
    ...acceptHandlers(db, { storeDelivery, countOccurrence: countOccurrenceWith(db) }),
    ...laneHandlers(db),
    ...progressHandlers(db, { saveCard, saveChannel }),
    ...heldHandlers(db),
    ...replayHandlers(db, storeDelivery),
    ...accountHandlers(db),
    ...eventHandlers(db),
    ...refusalHandlers(db),
    ...cardHandlers(db, saveCard),
    ...channelHandlers(db),
    ...pruneHandlers(db),
    ...healthHandlers(db),
  };
}
