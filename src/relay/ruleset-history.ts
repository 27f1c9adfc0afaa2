/**
 * The rules in force, and those before them: an event is planned by the rules in force when it is accepted, and its
 * messages are rendered by the same, however long they wait. After a restart only the newest are left.
 *
 * Known limit: what another instance accepted by other rules, as while a deployment is under way, is rendered by those
 * in force here at that instant, as far as they know its template, and merged and held back by today's.
 */
import { type Clock, MINUTE_MS } from '../core/clock.ts';
import type { RenderedMessage } from '../core/message.ts';
import type { Outcome } from '../core/outcome.ts';
import type { About } from '../verbs/render.ts';
import { ASLEEP_AT_MOST_MS } from './lanes/contract.ts';
import type { Ruleset } from './ruleset.ts';

/** Rules older than that are taken to be the oldest kept. */
const KEPT = 20;
/** After so long, all instances have the same rules: a template that is missing is gone. */
const DEPLOYED_AFTER_MS = 15 * MINUTE_MS;
/** The lane is released meanwhile, and may come to an instance that has the template. */
const ELSEWHERE_AFTER_MS = ASLEEP_AT_MOST_MS + 1_000;

interface Entry {
  readonly rules: Ruleset;
  /** ms since the epoch: in force from then on. */
  readonly since: number;
}

export interface RulesetHistoryParts {
  readonly clock: Pick<Clock, 'now'>;
  /** Whether other instances may have other rules. */
  readonly shared: boolean;
}

export class RulesetHistory {
  readonly #parts: RulesetHistoryParts;
  /** Oldest first; never empty. */
  #entries: readonly [Entry, ...Entry[]];

  constructor(rules: Ruleset, parts: RulesetHistoryParts) {
    this.#parts = parts;
    this.#entries = [{ rules, since: Number.NEGATIVE_INFINITY }];
  }

  get current(): Ruleset {
    return (this.#entries.at(-1) ?? this.#entries[0]).rules;
  }

  /** By the rules in force then; by today's where the template is new. One that is unknown may be known elsewhere. */
  async render(template: string, about: About): Promise<Outcome<RenderedMessage>> {
    const { clock, shared } = this.#parts;
    const then = this.#at(about.acceptedAt);
    const rules = then.hasTemplate(template) ? then : this.current;
    if (shared && !rules.hasTemplate(template) && clock.now() - about.acceptedAt < DEPLOYED_AFTER_MS) {
      const detail = `This instance has no template "${template}": another one may, while newer rules are deployed.`;
      const reason = { code: 'template_elsewhere', detail };
      return { kind: 'retry', limited: true, afterMs: ELSEWHERE_AFTER_MS, reason };
    }
    return rules.render(template, about);
  }

  /** Those in force at an instant, ms since the epoch. */
  #at(instant: number): Ruleset {
    return (this.#entries.findLast(({ since }) => since <= instant) ?? this.#entries[0]).rules;
  }

  /** From now on these, for what is accepted from now on. */
  replace(rules: Ruleset): void {
    const [first, ...rest] = [...this.#entries, { rules, since: this.#parts.clock.now() }].slice(-KEPT);
    if (first !== undefined) this.#entries = [first, ...rest];
  }
}
