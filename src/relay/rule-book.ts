/**
 * The rules in force, and those before them: an event is planned by the rules in force when it is accepted, and its
 * messages are rendered by the same, however long they wait. After a restart only the newest are left.
 */
import type { Clock } from '../core/clock.ts';
import type { RuleSet } from './rule-set.ts';

/** Rules older than that are taken to be the oldest kept. */
const KEPT = 20;

interface Edition {
  readonly rules: RuleSet;
  /** ms since the epoch: in force from then on. */
  readonly since: number;
}

export class RuleBook {
  readonly #clock: Pick<Clock, 'now'>;
  /** Oldest first; never empty. */
  #editions: readonly [Edition, ...Edition[]];

  constructor(rules: RuleSet, clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#editions = [{ rules, since: Number.NEGATIVE_INFINITY }];
  }

  get current(): RuleSet {
    return (this.#editions.at(-1) ?? this.#editions[0]).rules;
  }

  /** Those in force at an instant, ms since the epoch. */
  at(instant: number): RuleSet {
    return (this.#editions.findLast(({ since }) => since <= instant) ?? this.#editions[0]).rules;
  }

  /** From now on these, for what is accepted from now on. */
  replace(rules: RuleSet): void {
    const [first, ...rest] = [...this.#editions, { rules, since: this.#clock.now() }].slice(-KEPT);
    if (first !== undefined) this.#editions = [first, ...rest];
  }
}
