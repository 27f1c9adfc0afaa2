import type { Clock } from '../core/clock.ts';

export interface Limits {
  /** Messages a second, per channel and token, in the long run. */
  readonly perSecond: number;
  /** Messages that may come at once after a pause. */
  readonly burst: number;
  /** The same for all channels together, per token; without it there is no such limit. */
  readonly workspace?: Omit<Limits, 'workspace'>;
}

/** What Slack allows: about one message a second per channel, with short bursts. */
export const SLACK_LIMITS: Limits = { perSecond: 1, burst: 3 };

interface Bucket {
  tokens: number;
  atMs: number;
  readonly perSecond: number;
}

/** A token bucket per channel and token, and one per token where the workspace has a limit. */
export class Throttle {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Takes one of each; 0 when there were, else nothing is taken: the whole seconds to wait for `Retry-After` (at least 1). */
  take({ token, channel }: { readonly token: string; readonly channel: string }): number {
    const { workspace } = this.#limits;
    const buckets = [this.#filled(`${token} ${channel}`, this.#limits)];
    if (workspace !== undefined) buckets.push(this.#filled(token, workspace));
    const wait = Math.max(...buckets.map(secondsToWait));
    if (wait === 0) for (const bucket of buckets) bucket.tokens -= 1;
    return wait;
  }

  #filled(key: string, { perSecond, burst }: Limits): Bucket {
    const nowMs = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs, perSecond };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
    bucket.atMs = nowMs;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

function secondsToWait({ tokens, perSecond }: Bucket): number {
  return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
}
