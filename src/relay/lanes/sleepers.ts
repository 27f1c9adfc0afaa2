/** Lanes that wait for an instant: they hold nothing but a timer. */
import type { Clock } from '../../core/clock.ts';

interface Sleep {
  /** Monotonic ms. */
  readonly until: number;
  readonly cancel: () => void;
}

export class Sleepers {
  readonly #clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly #sleeps = new Map<string, Sleep>();

  constructor(clock: Pick<Clock, 'after' | 'monotonic'>) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#sleeps.size;
  }

  /** `wake` is called after `ms`, unless the lane is let go of before. */
  add(lane: string, ms: number, wake: () => void): void {
    const until = this.#clock.monotonic() + ms;
    const cancel = this.#clock.after(ms, () => {
      this.#sleeps.delete(lane);
      wake();
    });
    this.#sleeps.set(lane, { until, cancel });
  }

  lanes(): string[] {
    return [...this.#sleeps.keys()];
  }

  /** Lets go of the lane: ms that it had left, 0 where it does not sleep. */
  remove(lane: string): number {
    const sleep = this.#sleeps.get(lane);
    if (sleep === undefined) return 0;
    sleep.cancel();
    this.#sleeps.delete(lane);
    return Math.max(0, sleep.until - this.#clock.monotonic());
  }
}
