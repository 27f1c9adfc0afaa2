/** An answer that many ask for: what it costs to find is spent seldom, however many pages look. */
import type { Clock } from '../core/clock.ts';

const AT_LEAST_MS = 1_000;
/** It is kept for so many times as long as it took: a hundredth of the time goes into it. */
const TIMES = 100;

/** Gives what `find` gave last, as long as that is kept. What failed is not. */
export function kept<T>(find: () => Promise<T>, clock: Pick<Clock, 'monotonic'>): () => Promise<T> {
  let found: Promise<T> | null = null;
  let until = Number.POSITIVE_INFINITY;
  return () => {
    if (found !== null && clock.monotonic() < until) return found;
    const began = clock.monotonic();
    // While it is being found, all wait for the same.
    until = Number.POSITIVE_INFINITY;
    const finding = find();
    found = finding;
    finding.then(
      () => {
        const now = clock.monotonic();
        until = now + Math.max(AT_LEAST_MS, TIMES * (now - began));
      },
      () => {
        found = null;
      },
    );
    return finding;
  };
}
