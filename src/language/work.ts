/**
 * Work, counted instead of timed: a clock cannot be read in the middle of an expression, and a busy machine would make
 * the same event fail once and pass the next time. One step is about a microsecond of a slow processor: an item walked,
 * a comparison, a hundred characters read or written. Conditions, loops and filters spend from the budget that their
 * evaluation was given.
 */

/** What was asked for goes beyond the budget. Everything computed so far is void. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError';

  constructor(limit: number) {
    super(`it takes more than ${limit} steps for this event`);
  }
}

export class WorkBudget {
  readonly limit: number;
  #left: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  /** Stays true, also where the error was swallowed on its way (CEL's `||` and `exists` do that). */
  get exceeded(): boolean {
    return this.#left < 0;
  }

  /** @throws WorkLimitError once more is spent than there is; every later call throws, too. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new WorkLimitError(this.limit);
  }
}
