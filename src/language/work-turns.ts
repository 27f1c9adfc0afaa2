/**
 * Shares the event loop: an event's routes and the render of a message may each take as many steps as their budget, and
 * many of them come at the same time. Once a turn has spent this much, what is to come waits for the next turn, so that
 * requests are read in between.
 */
import { setImmediate } from 'node:timers/promises';

const STEPS_PER_TURN = 25_000;
/** Less is not worth the end of a turn. Ordinary messages take a few hundred steps. */
const WORTH_COUNTING = 2_000;

export class WorkTurns {
  #spent = 0;
  #next: Promise<void> | null = null;

  /** Whether this turn has no steps left. To be asked right before the work, and again in the next turn: another may have been faster. */
  get full(): boolean {
    return this.#spent >= STEPS_PER_TURN;
  }

  async next(): Promise<void> {
    await this.#next;
  }

  /** Does work that comes in parts, each of which gives the steps that it took. */
  async spread<T>(work: Generator<number, T, void>): Promise<T> {
    for (;;) {
      const part = work.next();
      if (part.done) return part.value;
      this.spent(part.value);
      while (this.full) await this.next();
    }
  }

  spent(steps: number): void {
    if (steps < WORTH_COUNTING) return;
    this.#spent += steps;
    this.#next ??= this.#turn();
  }

  async #turn(): Promise<void> {
    await setImmediate();
    this.#spent = 0;
    this.#next = null;
  }
}
