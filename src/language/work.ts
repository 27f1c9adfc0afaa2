/**
 * Work, counted instead of timed: a clock cannot be read in the middle of an expression, and a busy machine would make
 * the same event fail once and pass the next time. One step is about a microsecond of a slow processor: an item walked,
 * a comparison, a hundred characters read or written. Conditions, loops and filters spend from the budget that their
 * evaluation was given.
 */

/**
 * Budgets, in steps. An event's routes may take `event` together and `route` each, so that one route cannot use up what
 * the others need; a route that comes when all is used up still has `reserve`. `fields` and `field`: the same for a
 * source's `fields`. `message`: one rendering of one template. `explanation`: why one
 * condition came out as it did.
 */
export const STEPS = {
  event: 100_000,
  route: 25_000,
  reserve: 2_000,
  fields: 50_000,
  field: 20_000,
  message: 100_000,
  explanation: 50_000,
} as const;

/** The code of what ends for this reason. */
export const TOO_MUCH_WORK = 'too_much_work';

const CHARACTERS_PER_STEP = 100;

/** 0 for what is no number, or negative. */
export function stepsForCharacters(count: number): number {
  return count > 0 ? count / CHARACTERS_PER_STEP : 0;
}

/** What it costs to read a value once: an item of a list is a step, a text costs by its length, anything else nothing. */
export function sizeInSteps(value: unknown): number {
  if (typeof value === 'string') return value.length / CHARACTERS_PER_STEP;
  return Array.isArray(value) ? value.length : 0;
}

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
  #error: WorkLimitError | null = null;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  /** Stays true, also where the error was swallowed on its way (CEL's `||` and `exists` do that). */
  get exceeded(): boolean {
    return this.#left < 0;
  }

  get spent(): number {
    return Math.min(this.limit, this.limit - this.#left);
  }

  /** @throws WorkLimitError once more is spent than there is; every later call throws, too. */
  spend(steps: number): void {
    this.#left -= steps;
    this.check();
  }

  /** @throws WorkLimitError where it is exceeded. */
  check(): void {
    if (this.#left >= 0) return;
    this.#error ??= new WorkLimitError(this.limit);
    throw this.#error;
  }
}
