/** Time as a parameter, so that whatever waits is tested with a manual clock. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface Clock {
  /** Milliseconds since the epoch. May step; never use it to measure. */
  now(): number;
  /** Milliseconds from an arbitrary start. Never steps. */
  monotonic(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** setTimeout fires at once for more than 2³¹−1 ms; whoever waits longer looks again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** What `work` gives; null where it takes longer than `ms`. */
export async function within<T>(ms: number, clock: Pick<Clock, 'after'>, work: Promise<T>): Promise<T | null> {
  let cancel = (): void => {};
  const late = new Promise<null>((resolve) => {
    cancel = clock.after(ms, () => resolve(null));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

/** What makes an lru-cache with a `ttl` go by this clock. It takes an entry made at instant 0 for one that never ends. */
export function expiringBy(clock: Pick<Clock, 'monotonic'>) {
  return { ttlResolution: 0, perf: { now: () => 1 + clock.monotonic() } };
}
