import type { Clock } from '../core/clock.ts';

export interface Pace {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * A token bucket a lane. `take` gives 0 when the lane may send now, else the milliseconds until it may; nothing is
 * taken then. A bucket that has filled up again is forgotten, so memory holds only the lanes that are busy.
 */
export class Pacer {
  readonly #pace: Pace;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Lane → when its bucket will be full again, in monotonic ms: all a token bucket needs to remember. */
  readonly #fullAt = new Map<string, number>();
  #sweepAt = 1024;

  constructor(pace: Pace, clock: Pick<Clock, 'monotonic'>) {
    this.#pace = pace;
    this.#clock = clock;
  }

  take(lane: string): number {
    const now = this.#clock.monotonic();
    const interval = 1000 / this.#pace.perSecond;
    const fullAt = Math.max(now, this.#fullAt.get(lane) ?? now);
    const wait = fullAt - now - (this.#pace.burst - 1) * interval;
    if (wait > 0) return Math.ceil(wait);
    this.#fullAt.set(lane, fullAt + interval);
    if (this.#fullAt.size > this.#sweepAt) this.#sweep(now);
    return 0;
  }

  #sweep(now: number): void {
    for (const [lane, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(lane);
    this.#sweepAt = Math.max(1024, this.#fullAt.size * 2);
  }
}
