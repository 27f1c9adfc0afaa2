import { LRUCache } from 'lru-cache';
import type { Enqueue } from './enqueue.ts';
import type { JobQueue } from './job-queue.ts';
import type { LaneRows } from './lane-rows.ts';
import { onConnection } from './statements.ts';

const REMEMBERED = 10_000;

/** Rejects with whatever the database says: the transaction cannot be committed then. */
export function laneEnqueue(jobs: Pick<JobQueue, 'add'>, rows: Pick<LaneRows, 'make' | 'share'>): Enqueue {
  /** Lanes whose rows were there: a guess that saves a statement, since they may have been removed or rolled back. */
  const seen = new LRUCache<string, true>({ max: REMEMBERED });
  return async (connection, given) => {
    const lanes = [...new Set(given)];
    if (lanes.length === 0) return;
    const db = onConnection(connection);
    const unseen = lanes.filter((lane) => !seen.has(lane));
    if (unseen.length > 0) await rows.make(db, unseen);
    const locked = new Set(await rows.share(db, lanes));
    const missing = lanes.filter((lane) => !locked.has(lane));
    if (missing.length > 0) {
      await rows.make(db, missing);
      await rows.share(db, missing);
    }
    await jobs.add(
      lanes.map((lane) => ({ lane, afterMs: 0 })),
      db,
    );
    for (const lane of lanes) seen.set(lane, true);
  };
}
