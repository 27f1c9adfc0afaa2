import type { Clock } from '../../src/core/clock.ts';

/** Time that moves only when told to. Timers fire in order, and what they start has run when `advance` resolves. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(start = Date.parse('2026-03-02T09:00:00Z')) {
    this.#now = start;
  }

  now = (): number => this.#now;
  monotonic = (): number => this.#monotonic;

  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#monotonic + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** The time of day is set, as by an operator; nothing that waits notices. */
  step(ms: number): void {
    this.#now += ms;
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now += next.at - this.#monotonic;
      this.#monotonic = next.at;
      next.callback();
      await settle();
    }
    this.#now += end - this.#monotonic;
    this.#monotonic = end;
  }

  #due(end: number) {
    return this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything run that waits for nothing but the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
