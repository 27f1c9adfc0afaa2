/**
 * Which lane runs when. A lane is drained by one runner at a time; different lanes run in parallel.
 *
 *   idle ──wake──► queued ──slot free──► running ──► idle      nothing left
 *                    ▲                      ├──────► asleep    until an instant (pacing, back-off); wakes by itself
 *                    └── wake while running ┘
 *
 * A lane that sleeps holds no slot, so that slow lanes never keep others waiting.
 */
import { backoffMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';

/** Sends what is due in a lane. Gives ms until it wants to run again, or null when the lane is empty. */
export type Drain = (lane: string, stopping: () => boolean) => Promise<number | null>;

export interface Lanes {
  /** The lane has something new, or may go on. Cheap, and never throws. */
  wake(lane: string): void;
  /** Wakes the lanes that sleep. */
  wakeAll(): void;
  /** Starts no more; resolves when what is running has come to a safe end. Idempotent. */
  stop(): Promise<void>;
}

interface LaneState {
  phase: 'queued' | 'running' | 'asleep';
  /** Woken while running: look again before going idle. */
  again: boolean;
  failures: number;
  cancel?: () => void;
}

/** After the journal failed: the lane's work is still there, so look again, more and more slowly. */
const FAILURE_BACKOFF = { firstMs: 250, maxMs: 30_000 };

export interface LanesParts {
  readonly drain: Drain;
  readonly clock: Pick<Clock, 'after'>;
  readonly random: () => number;
  readonly log: Pick<Logger, 'error'>;
  /** Lanes running at once. */
  readonly slots: number;
}

export class InProcessLanes implements Lanes {
  readonly #parts: LanesParts;
  readonly #lanes = new Map<string, LaneState>();
  readonly #queue: string[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopping = false;

  constructor(parts: LanesParts) {
    this.#parts = parts;
  }

  wake(lane: string): void {
    if (this.#stopping) return;
    const state = this.#lanes.get(lane);
    if (state === undefined) this.#enqueue(lane, { phase: 'queued', again: false, failures: 0 });
    else if (state.phase === 'running') state.again = true;
  }

  wakeAll(): void {
    for (const [lane, state] of this.#lanes) {
      if (state.phase !== 'asleep') continue;
      state.cancel?.();
      this.#enqueue(lane, { ...state, phase: 'queued' });
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#queue.length = 0;
    for (const state of this.#lanes.values()) state.cancel?.();
    await Promise.all(this.#running);
  }

  #enqueue(lane: string, state: LaneState): void {
    this.#lanes.set(lane, state);
    this.#queue.push(lane);
    this.#fill();
  }

  #fill(): void {
    while (!this.#stopping && this.#running.size < this.#parts.slots) {
      const lane = this.#queue.shift();
      if (lane === undefined) return;
      const state = this.#lanes.get(lane);
      if (state === undefined) continue;
      const run: Promise<void> = this.#run(lane, state).finally(() => {
        this.#running.delete(run);
        this.#fill();
      });
      this.#running.add(run);
    }
  }

  async #run(lane: string, state: LaneState): Promise<void> {
    state.phase = 'running';
    state.again = false;
    try {
      const waitMs = await this.#parts.drain(lane, () => this.#stopping);
      state.failures = 0;
      if (waitMs !== null) this.#sleep(lane, state, waitMs);
      else if (state.again) this.#requeue(lane, state);
      else this.#lanes.delete(lane);
    } catch (error) {
      state.failures += 1;
      this.#parts.log.error({ lane, err: error }, 'lane failed');
      this.#sleep(
        lane,
        state,
        FAILURE_BACKOFF.firstMs + backoffMs(FAILURE_BACKOFF, state.failures, this.#parts.random),
      );
    }
  }

  #requeue(lane: string, state: LaneState): void {
    state.phase = 'queued';
    this.#queue.push(lane);
  }

  #sleep(lane: string, state: LaneState, ms: number): void {
    if (this.#stopping) return;
    state.phase = 'asleep';
    state.cancel = this.#parts.clock.after(ms, () => {
      this.#requeue(lane, state);
      this.#fill();
    });
  }
}
