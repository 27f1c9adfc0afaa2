/**
 * Shares the event loop: a render may take as many steps as its budget, and a digest or sixty lanes may render in the
 * same turn. Once a turn has spent this much, further renders wait for the next, so that requests are read in between.
 */
import { setImmediate } from 'node:timers/promises';

const STEPS_PER_TURN = 25_000;
/** Less is not worth the end of a turn. Ordinary messages take a few hundred steps. */
const WORTH_COUNTING = 2_000;

export class WorkTurns {
  #spent = 0;
  #next: Promise<void> | null = null;

  /** Null where this turn has steps left. Else to be awaited, and asked again: another may have been faster. */
  full(): Promise<void> | null {
    return this.#spent < STEPS_PER_TURN ? null : this.#next;
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
