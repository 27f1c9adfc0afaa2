/** Remembers the answer to a costly question for a while, however many ask. */
import type { Clock } from './clock.ts';

export interface MemoizeOptions {
  /** ms */
  readonly atLeastMs: number;
  /** As many times as long as it took to find, where that is longer: it bounds the share of the time that goes into it. */
  readonly timesItTook?: number;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** While it is being found, all wait for the same. A failure is not remembered. */
export function memoizeFor<T>(options: MemoizeOptions, find: () => Promise<T>): () => Promise<T> {
  const { atLeastMs, timesItTook = 0, clock } = options;
  let found: Promise<T> | null = null;
  let until = Number.POSITIVE_INFINITY;
  return () => {
    if (found !== null && clock.monotonic() < until) return found;
    const began = clock.monotonic();
    until = Number.POSITIVE_INFINITY;
    const finding = find();
    found = finding;
    finding.then(
      () => {
        const now = clock.monotonic();
        until = now + Math.max(atLeastMs, timesItTook * (now - began));
      },
      () => {
        found = null;
      },
    );
    return finding;
  };
}
