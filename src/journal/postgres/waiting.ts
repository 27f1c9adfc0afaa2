import type { Clock } from '../../core/clock.ts';

/** What was waited for took too long; it may still come about. */
class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/** The promise's outcome; rejects with TookTooLong when there is none after `ms`. */
export function within<T>(clock: Pick<Clock, 'after'>, ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new TookTooLong(`no answer within ${ms} ms`)));
    promise.then(resolve, reject).finally(cancel);
  });
}

/** How long to wait before the next try, in ms: the database is asked again soon, and not too often while it is away. */
export function retryDelayMs(failures: number): number {
  return Math.min(5_000, 125 * 2 ** Math.min(failures, 10));
}
