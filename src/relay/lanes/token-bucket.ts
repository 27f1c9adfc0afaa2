import type { Clock } from '../../core/clock.ts';

export interface Pace {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket a lane. One that has filled up again is forgotten: memory holds only the lanes that are busy. */
export class TokenBuckets {
  readonly #pace: () => Pace;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Lane → when its bucket will be full again, in monotonic ms: all a token bucket needs to remember. */
  readonly #fullAt = new Map<string, number>();
  #sweepAt = 1024;

  constructor(pace: () => Pace, clock: Pick<Clock, 'monotonic'>) {
    this.#pace = pace;
    this.#clock = clock;
  }

  /** ms until the lane may send; 0 when it may now. */
  waitMs(lane: string): number {
    const now = this.#clock.monotonic();
    const fullAt = Math.max(now, this.#fullAt.get(lane) ?? now);
    return Math.max(0, Math.ceil(fullAt - now - (this.#pace().burst - 1) * this.#intervalMs));
  }

  /** Takes a token, which is there when `waitMs` is 0. */
  take(lane: string): void {
    const now = this.#clock.monotonic();
    const fullAt = Math.max(now, this.#fullAt.get(lane) ?? now);
    this.#fullAt.set(lane, fullAt + this.#intervalMs);
    if (this.#fullAt.size > this.#sweepAt) this.#sweep(now);
  }

  /** ms until the lane's bucket is full again. */
  usedMs(lane: string): number {
    return Math.max(0, Math.ceil((this.#fullAt.get(lane) ?? 0) - this.#clock.monotonic()));
  }

  /** Somebody else used the lane: its bucket is full in `ms` at the earliest, as far as a bucket can be empty at all. */
  used(lane: string, ms: number): void {
    const now = this.#clock.monotonic();
    const fullAt = now + Math.min(ms, this.#pace().burst * this.#intervalMs);
    if (fullAt > Math.max(now, this.#fullAt.get(lane) ?? now)) this.#fullAt.set(lane, fullAt);
    if (this.#fullAt.size > this.#sweepAt) this.#sweep(now);
  }

  get #intervalMs(): number {
    return 1000 / this.#pace().perSecond;
  }

  #sweep(now: number): void {
    for (const [lane, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(lane);
    this.#sweepAt = Math.max(1024, this.#fullAt.size * 2);
  }
}
