import type { Clock } from '../core/clock.ts';

export interface Limits {
  /** Messages a second, per channel and token, in the long run. */
  readonly perSecond: number;
  /** Messages that may come at once after a pause. */
  readonly burst: number;
}

/** What Slack allows: about one message a second per channel, with short bursts. */
export const SLACK_LIMITS: Limits = { perSecond: 1, burst: 3 };

interface Bucket {
  tokens: number;
  atMs: number;
}

/** A token bucket per key. */
export class Throttle {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Takes one; 0 when there was one, else the whole seconds to wait for `Retry-After` (at least 1). */
  take(key: string): number {
    const { perSecond, burst } = this.#limits;
    const nowMs = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
    bucket.atMs = nowMs;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return 0;
  }
}
