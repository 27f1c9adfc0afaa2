/**
 * The queue of lanes, which pg-boss keeps: one job for each lane that somebody has to look at. Its tables are in a
 * schema of their own.
 *
 * `stately` with a singletonKey means: of one lane there is at most one job waiting, one to be tried again and one
 * active, by a unique index. `group` and `groupConcurrency` besides: a fetch passes over lanes that are active. Without
 * it, it would fail as a whole, and a busy lane would keep all others waiting.
 */
import type { Pool } from 'pg';
import { type Db, type JobInsert, PgBoss } from 'pg-boss';
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { journalError } from '../errors.ts';
import type { PostgresSettings } from '../settings.ts';
import type { Listener } from './listener.ts';
import type { SeldomLog } from './seldom-log.ts';
import { onPool, type Statements } from './statements.ts';
import { within } from './waiting.ts';

/** A lane's job, at one attempt: whoever lost it cannot touch or remove what somebody else fetched after. */
export interface Job {
  readonly lane: string;
  readonly id: string;
  readonly retryCount: number;
}

export interface NewJob {
  readonly lane: string;
  /** ms from now, by the database's clock. */
  readonly afterMs: number;
}

export interface JobQueueParts {
  readonly pool: Pool;
  readonly listener: Listener;
  /** The journal's. */
  readonly settings: Pick<PostgresSettings, 'schema' | 'place'>;
  /** False: jobs are added only; nothing is heard, fetched or supervised. */
  readonly works: boolean;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: SeldomLog;
  readonly onWork: () => void;
}

export const QUEUE = 'lanes';

const OPTIONS = {
  /** The least that pg-boss takes. Whoever is silent for longer loses what he holds. */
  heartbeatSeconds: 10,
  /** An active job's longest life; it is then taken from its holder, who notices. The most that pg-boss takes. */
  expireInSeconds: 86_400,
  /** Each take-over counts as one. */
  retryLimit: 1_000_000,
  retryDelay: 0,
  /** Jobs that are done are deleted at once; this is for those that could not be tried again. */
  deleteAfterSeconds: 60,
};

/** Together with the heartbeat: what a silent holder had can be fetched after about 11 s. */
const SUPERVISE = { superviseIntervalSeconds: 2, monitorIntervalSeconds: 2, maintenanceIntervalSeconds: 60 };

/** The id of no job. */
const NOBODYS = '00000000-0000-0000-0000-000000000000';

const STOP_WITHIN_MS = 3_000;

/** Two fetches at once may want the same lane (one to be tried again and one waiting): then one of them gets nothing. */
const FETCH_TRIES = 3;

const TOUCHED = z.object({ settled: z.array(z.string()) });

/** The schema that pg-boss has to itself, as an SQL identifier. */
export function jobSchema(schema: string): string {
  return `"${schema}_lanes"`;
}

export class JobQueue {
  readonly #parts: JobQueueParts;
  #starting: Promise<PgBoss> | null = null;
  #channel: string | null = null;
  #unlisten: () => void = () => {};
  #stopped = false;

  constructor(parts: JobQueueParts) {
    this.#parts = parts;
  }

  /** Where jobs are announced; null until it is known, or where nothing is heard. */
  get channel(): string | null {
    return this.#channel;
  }

  /** Makes the tables if need be. Rejects while the database is away, or after `stop`; try again then. */
  async ready(): Promise<PgBoss> {
    if (this.#stopped) throw this.#closed();
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = null;
      throw error;
    });
    return this.#starting;
  }

  /** Those that wait longest first. They are active then, and have to be touched. */
  async fetch(limit: number): Promise<Job[]> {
    const boss = await this.ready();
    for (let attempt = 1; ; attempt++) {
      try {
        const found = await boss.fetch(QUEUE, {
          batchSize: limit,
          groupConcurrency: 1,
          db: contentionTold(this.#parts.pool),
        });
        return found.flatMap(({ id, retryCount, groupId }) => (groupId ? [{ lane: groupId, id, retryCount }] : []));
      } catch (error) {
        if (!(error instanceof Contention)) throw error;
        if (attempt === FETCH_TRIES) return [];
      }
    }
  }

  /** The ids of those that are still at this attempt; the others are lost. */
  async touch(jobs: readonly Job[]): Promise<ReadonlySet<string>> {
    const boss = await this.ready();
    return new Set(TOUCHED.parse(await boss.touch(QUEUE, [...jobs])).settled);
  }

  /** Removes what is still at this attempt; the ids of those. */
  async remove(jobs: readonly Job[], db: Statements): Promise<ReadonlySet<string>> {
    if (jobs.length === 0) return new Set();
    const boss = await this.ready();
    return new Set(TOUCHED.parse(await boss.deleteJob(QUEUE, [...jobs], { db })).settled);
  }

  /** Where a lane has a job waiting already, that one stays as it is. */
  async add(jobs: readonly NewJob[], db: Statements = onPool(this.#parts.pool)): Promise<void> {
    if (jobs.length === 0) return;
    const boss = await this.ready();
    // Sorted: two transactions that add the same lanes in different orders would wait for each other.
    await boss.insert(QUEUE, jobs.toSorted(byLane).map(inserted), { db });
  }

  /** Bounded. Idempotent. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#unlisten();
    if (this.#starting === null) return;
    const boss = await within(this.#parts.clock, STOP_WITHIN_MS, this.#starting).catch(() => null);
    if (boss !== null) await this.#end(boss);
  }

  async #start(): Promise<PgBoss> {
    const { settings, works, log } = this.#parts;
    const boss = new PgBoss({
      db: this.#database(),
      schema: jobSchema(settings.schema),
      useListenNotify: works,
      supervise: works,
      // Who only looks in leaves the tables as the instances have them.
      migrate: works,
      ...SUPERVISE,
      schedule: false,
      // What it knows of the queue never changes.
      queueCacheIntervalSeconds: 86_400,
    });
    boss.on('error', (error) => log.warn('the queue of lanes has trouble', error));
    // Figures apart, its warnings are constant texts.
    boss.on('warning', ({ message }) => log.warn(`the queue of lanes: ${message.replaceAll(/\d[\d.]*/g, 'N')}`));
    try {
      await boss.start();
      if (works) {
        await boss.createQueue(QUEUE, { policy: 'stately', notify: true, ...OPTIONS });
        await boss.updateQueue(QUEUE, OPTIONS);
      }
      // Where it could not read its queues at the start it says nothing, and asks again after a day: nothing would work.
      await boss.touch(QUEUE, [NOBODYS]);
      if (this.#stopped) throw this.#closed();
    } catch (error) {
      await this.#end(boss);
      throw error;
    }
    return boss;
  }

  #closed() {
    return journalError('journal-closed', this.#parts.settings.place);
  }

  async #end(boss: PgBoss): Promise<void> {
    const stopped = boss.stop({ graceful: false, close: false });
    await within(this.#parts.clock, STOP_WITHIN_MS, stopped).catch(() => undefined);
  }

  #database(): Db {
    const { pool, listener, onWork } = this.#parts;
    const { executeSql } = onPool(pool);
    return {
      async executeSql(text, values) {
        const { rows } = await executeSql(text, values);
        return { rows: rows.map(withoutActiveKeys) };
      },
      listen: async (channel, onMessage, onConnected) => {
        this.#channel = channel;
        this.#unlisten();
        this.#unlisten = listener.listen(channel, {
          onMessage: (payload) => {
            onMessage(payload);
            if (payload === QUEUE) onWork();
          },
          onConnected: () => {
            onConnected();
            onWork();
          },
        });
        return { close: async () => this.#unlisten() };
      },
    };
  }
}

/**
 * pg-boss notes on the queue's row which keys were active when it last looked, keeps the row in memory for as long as
 * queueCacheIntervalSeconds says, and passes over these keys in every fetch: lanes that were busy at that moment would
 * not be fetched by this instance for a day. What is active is seen by the fetch itself (groupConcurrency).
 */
function withoutActiveKeys(row: unknown): unknown {
  return typeof row === 'object' && row !== null && 'singletonsActive' in row
    ? { ...row, singletonsActive: null }
    : row;
}

/** pg-boss takes a unique violation for an empty queue. */
class Contention extends Error {}

function contentionTold(pool: Pool): Statements {
  const { executeSql } = onPool(pool);
  return {
    async executeSql(text, values) {
      try {
        return await executeSql(text, values);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === '23505') throw new Contention();
        throw error;
      }
    },
  };
}

function byLane(a: NewJob, b: NewJob): number {
  return a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : 0;
}

function inserted({ lane, afterMs }: NewJob): JobInsert {
  return { singletonKey: lane, group: { id: lane }, ...(afterMs > 0 ? { startAfter: afterMs / 1_000 } : {}) };
}
