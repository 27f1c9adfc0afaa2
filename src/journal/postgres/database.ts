/**
 * A journal in a Postgres, which other instances may share. Events are accepted together (accept-many.ts), beside all
 * other writes, which share commits of their own; reads run in parallel with both, as far as the pool has connections.
 */
import type { Pool } from 'pg';
import type { Database, OnCommit } from '../database.ts';
import { JournalError, journalError } from '../errors.ts';
import { FIND_IN_POSTGRES } from '../find-text.ts';
import { GroupCommit, type GroupCommitOptions, type Write } from '../group-commit.ts';
import type { AffectedLanes, Operation } from '../operation.ts';
import { type Acceptance, type NewEvent, remembered } from '../operations/accept.ts';
import { compile, StatementCache } from '../statement.ts';
import { EventCache } from '../stored-event.ts';
import { acceptMany } from './accept-many.ts';
import { PostgresConnection, type Shared } from './connection.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import { kyselyOf } from './driver.ts';
import { enqueueAt } from './enqueue.ts';
import { explainPostgres, isSerializationConflict } from './explain.ts';
import { lostLanes } from './fence.ts';
import { SWEEP_LOCKS } from './sweep-locks.ts';
import { keyText } from './text.ts';

/** Bounds how long one commit takes, and how much is repeated where one write in it is at fault. */
const WRITES_PER_COMMIT = 512;

/** Transactions that others were in the way of are made again so often. */
const TRIES = 5;

export interface PostgresParts {
  readonly pool: Pool;
  /** As people are told where the journal is. */
  readonly place: string;
  readonly connectionMonitor: ConnectionMonitor;
  /** The instance whose lanes records are for; null: one that claims no lanes, such as a command. */
  readonly instance: string | null;
  /** Where it is announced that lanes can be claimed. */
  readonly channel: string;
  /** Called once, when nothing is under way any more. */
  readonly release: () => Promise<void>;
  readonly onCommit?: OnCommit | undefined;
}

interface Change extends Write {
  readonly affected: AffectedLanes | null;
  /** Returns what answers the caller. */
  run(connection: PostgresConnection): Promise<() => void>;
}

interface Entering extends Write {
  readonly event: NewEvent;
  resolve(acceptance: Acceptance): void;
}

export class PostgresJournal implements Database {
  /** Never: a database comes back. */
  readonly lost = new Promise<never>(() => {});
  readonly #parts: PostgresParts;
  readonly #shared: Shared;
  readonly #changes: GroupCommit<PostgresConnection, Change>;
  readonly #accepts: GroupCommit<PostgresConnection, Entering>;
  readonly #reads = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(parts: PostgresParts) {
    this.#parts = parts;
    this.#shared = sharedOver(parts);
    this.#changes = new GroupCommit({
      ...this.#commits(),
      run: (batch, connection) => this.#change(batch, connection),
    });
    this.#accepts = new GroupCommit({
      ...this.#commits(),
      run: (batch, connection) => this.#accept(batch, connection),
    });
  }

  call<A extends readonly unknown[], R>(operation: Operation<A, R>, given: A): Promise<R> {
    return this.#reached(() => (operation.writes ? this.#write(operation, given) : this.#read(operation, given)));
  }

  accept(event: NewEvent): Promise<Acceptance> {
    return this.#reached(() => new Promise((resolve, reject) => this.#accepts.write({ event, resolve, reject })));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#parts.connectionMonitor.close();
    await Promise.all([this.#changes.idle(), this.#accepts.idle()]);
    await Promise.allSettled(this.#reads);
    await this.#parts.release();
  }

  /** While the database is away, nobody waits for a connection that will not come. */
  async #reached<T>(ask: () => Promise<T>): Promise<T> {
    const { connectionMonitor, place } = this.#parts;
    if (this.#closing !== null) throw journalError('journal-closed', place);
    if (connectionMonitor.away !== null) throw connectionMonitor.away;
    try {
      return await ask();
    } catch (error) {
      if (error instanceof JournalError) connectionMonitor.suspect(error);
      throw error;
    }
  }

  #write<A extends readonly unknown[], R>(operation: Operation<A, R>, given: A): Promise<R> {
    const affected = this.#parts.instance === null ? null : (operation.affects?.(...given) ?? null);
    return new Promise((resolve, reject) => {
      this.#changes.write({
        affected,
        async run(connection) {
          const result = await operation.run(connection, ...given);
          return () => {
            operation.committed?.(connection, result, ...given);
            resolve(result);
          };
        },
        reject,
      });
    });
  }

  async #read<A extends readonly unknown[], R>(operation: Operation<A, R>, given: A): Promise<R> {
    const reading = this.#connected(async (connection) => operation.run(connection, ...given));
    this.#reads.add(reading);
    try {
      return await reading;
    } catch (error) {
      throw explainPostgres(error, this.#parts.place);
    } finally {
      this.#reads.delete(reading);
    }
  }

  #commits(): Omit<GroupCommitOptions<PostgresConnection, Write>, 'run'> {
    return {
      transaction: (body) => this.#transaction(body),
      isOutage: (error) => error instanceof JournalError && error.outage,
      limit: WRITES_PER_COMMIT,
      onCommit: this.#parts.onCommit,
    };
  }

  async #change(batch: readonly Change[], connection: PostgresConnection): Promise<(() => void)[]> {
    const lost = await this.#lostOf(batch, connection);
    const answers: (() => void)[] = [];
    for (const change of batch) {
      if (lost.has(change)) answers.push(() => change.reject(journalError('lane-lost', this.#parts.place)));
      else answers.push(await change.run(connection));
    }
    return answers;
  }

  /** Those that are refused since another instance has their lane. */
  async #lostOf(batch: readonly Change[], connection: PostgresConnection): Promise<ReadonlySet<Change>> {
    const { instance } = this.#parts;
    const fenced = batch.filter(({ affected }) => affected !== null);
    if (instance === null || fenced.length === 0) return NONE;
    const lost = await lostLanes(
      connection,
      instance,
      fenced.flatMap(({ affected }) => affected ?? []),
    );
    return new Set(fenced.filter((_, index) => lost[index] === true));
  }

  async #accept(batch: readonly Entering[], connection: PostgresConnection): Promise<(() => void)[]> {
    const { instance, place } = this.#parts;
    const acceptances = await acceptMany(connection, {
      events: batch.map(({ event }) => event),
      // What is sent from memory is not looked at again: the lane has to be ours until it is stored.
      beforeSending: async (lanes) => {
        const affected = lanes.map((lane) => ({ lane }));
        const lost = instance === null ? [] : await lostLanes(connection, instance, affected);
        if (lost.includes(true)) throw journalError('lane-lost', place);
      },
    });
    return batch.map(({ event, resolve }, index) => {
      const acceptance = acceptances[index];
      if (acceptance === undefined) throw new Error('the database said nothing of one of the events');
      return () => {
        remembered(this.#shared, acceptance, event);
        resolve(acceptance);
      };
    });
  }

  async #transaction<T>(body: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    for (let left = TRIES - 1; ; left -= 1) {
      try {
        return await this.#connected((connection) => connection.transaction(() => body(connection)));
      } catch (error) {
        if (left === 0 || !isSerializationConflict(error)) throw explainPostgres(error, this.#parts.place);
      }
    }
  }

  async #connected<T>(body: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const connection = new PostgresConnection(await this.#parts.pool.connect(), this.#shared);
    try {
      return await body(connection);
    } finally {
      connection.release();
    }
  }
}

const NONE: ReadonlySet<never> = new Set();

export function sharedOver({ pool, channel }: Pick<PostgresParts, 'pool' | 'channel'>): Shared {
  const target = { db: kyselyOf(pool), findText: FIND_IN_POSTGRES, keyText };
  return {
    statements: new StatementCache((statement) => ({ ...compile(statement, target), name: `s${statement.id}` })),
    events: new EventCache(),
    sweepLocks: SWEEP_LOCKS,
    enqueue: enqueueAt(channel),
  };
}
