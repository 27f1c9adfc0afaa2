/**
 * Which instance runs which lane, over Postgres.
 *
 * A lane with something to do has a job in pg-boss's queue (job-queue.ts). Whoever fetches the job makes the lane its
 * own in the `lanes` table (lane-rows.ts), and only then it is claimed. It keeps touching the job, and removes it when
 * it leaves the lane. Whoever is silent for 10 s loses the job, and with it the lane; it knows by its own clocks
 * 2 s earlier that it may not act (holdings.ts).
 *
 * Known limits. A lane that is to be claimed again later is looked for in time by the instance that left it, and within
 * 2 s by the others. A take-over is not announced: it is noticed by whoever looks first, within 2 s.
 */
import type { Pool } from 'pg';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { LaneClaims } from '../cluster.ts';
import type { PostgresSettings } from '../settings.ts';
import type { Enqueue } from './enqueue.ts';
import { JobQueue } from './job-queue.ts';
import { laneEnqueue } from './lane-enqueue.ts';
import { laneRows } from './lane-rows.ts';
import type { Listener } from './listener.ts';
import { QueuedClaims } from './queued-claims.ts';
import { seldomLog } from './seldom-log.ts';

export interface LaneQueueParts {
  readonly pool: Pool;
  readonly listener: Listener;
  readonly settings: Pick<PostgresSettings, 'schema' | 'place'>;
  /** Unique among those that share the journal, and with every start. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** A command adds lanes to the queue, and claims none. */
  readonly role: 'service' | 'command';
}

export interface LaneQueue {
  readonly claims: LaneClaims;
  readonly enqueue: Enqueue;
  /** Makes the queue's tables if need be, so that no transaction waits for it. Rejects while the database is away. */
  ready(): Promise<void>;
  /** As in Cluster. What was claimed is certain from when its claim was asked for. True with nothing claimed. */
  readonly mayAct: () => boolean;
  /** Stops the claims too. Bounded, idempotent; the pool and the listener stay open. */
  close(): Promise<void>;
}

export function createLaneQueue(parts: LaneQueueParts): LaneQueue {
  const log = seldomLog(parts.log, parts.clock);
  const rows = laneRows(parts.settings.schema, parts.instance);
  const jobs = new JobQueue({
    pool: parts.pool,
    listener: parts.listener,
    settings: parts.settings,
    works: parts.role === 'service',
    clock: parts.clock,
    log,
    onWork: () => claims.work(),
  });
  const claims = new QueuedClaims({ pool: parts.pool, clock: parts.clock, log, jobs, rows });
  return {
    claims,
    enqueue: laneEnqueue(jobs, rows),
    mayAct: () => claims.mayAct(),
    async ready() {
      await jobs.ready();
    },
    async close() {
      await claims.stop();
      await jobs.stop();
    },
  };
}
