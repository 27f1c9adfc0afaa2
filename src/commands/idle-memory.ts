/**
 * Gives memory back. V8 collects garbage when a program asks for more memory, so what a burst of events left behind
 * would stay until the next burst. When the process has had nothing to do for a second, and holds noticeably more
 * than after the last time, it collects everything it can: 60 to 90 ms during which nobody waits.
 *
 * Known limit: an event that arrives in these milliseconds waits for them.
 */
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { type Clock, systemClock } from '../core/clock.ts';

export interface IdleMemoryOptions {
  readonly clock: Clock;
  /** The share of the time since it was asked last that the event loop was busy, 0 to 1. */
  readonly busyShare: () => number;
  /** What the heap and the buffers outside of it take, garbage included. */
  readonly heapBytes: () => number;
  /** Collects everything that can be. */
  readonly collect: () => Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** Looking for a changed config and writing the log take 1 %, twenty events a second another 1 % or 2 %. */
const IDLE_BELOW = 0.02;
/** What a few events a second leave in a minute or more: their service is not interrupted all the time. */
const WORTH_BYTES = 24 * 1024 * 1024;

/** Looks once a second; the returned function ends that. */
export function releaseIdleMemory({ clock, busyShare, heapBytes, collect }: IdleMemoryOptions): () => void {
  let kept = 0;
  let cancel = () => {};
  let ended = false;
  const look = async () => {
    if (busyShare() < IDLE_BELOW && heapBytes() - kept >= WORTH_BYTES) {
      try {
        await collect();
      } catch {
        // A Node without an inspector, or one that forbids it: then V8 collects when it likes.
        return;
      }
      kept = heapBytes();
    }
    if (!ended) next();
  };
  const next = () => {
    cancel = clock.after(LOOK_EVERY_MS, () => void look());
  };
  next();
  return () => {
    ended = true;
    cancel();
  };
}

export function thisProcess(): IdleMemoryOptions {
  let last = performance.eventLoopUtilization();
  return {
    clock: systemClock,
    busyShare() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
    heapBytes() {
      // Buffers are outside of the heap, and stay until what names them is collected.
      const { total_physical_size, external_memory } = getHeapStatistics();
      return total_physical_size + external_memory;
    },
    async collect() {
      // The inspector's is the only way to ask for it that needs no flag. It listens nowhere: the session is in here.
      const { Session } = await import('node:inspector/promises');
      const session = new Session();
      session.connect();
      try {
        await session.post('HeapProfiler.collectGarbage');
      } finally {
        session.disconnect();
      }
    },
  };
}
