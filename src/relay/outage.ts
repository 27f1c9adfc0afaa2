/** Whether calls get through to Slack at all. */
import type { Clock } from '../core/clock.ts';
import type { Outcome, Reason } from '../core/outcome.ts';

/** A run of calls that did not get through. */
export interface Outage {
  /** ms since the epoch: the first of them. */
  readonly since: number;
  /** Of the last one. */
  readonly reason: Reason;
}

/** One lost call is retried within a second or two; a second one makes it an outage. */
const OUTAGE_CALLS = 2;

export class OutageMonitor {
  readonly #clock: Pick<Clock, 'now'>;
  #failing: (Outage & { readonly calls: number }) | null = null;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Null unless the last calls all failed to get through. */
  get outage(): Outage | null {
    if (this.#failing === null || this.#failing.calls < OUTAGE_CALLS) return null;
    const { since, reason } = this.#failing;
    return { since, reason };
  }

  /** What was not tried says nothing, nor does a refusal, which may be our own; a rate limit is an answer. */
  note(outcome: Outcome<unknown>): void {
    const limited = outcome.kind === 'retry' && outcome.limited;
    if (outcome.kind === 'sent' || (limited && outcome.afterMs !== undefined)) this.#failing = null;
    if (limited || outcome.kind === 'sent' || outcome.kind === 'refused') return;
    const { since, calls } = this.#failing ?? { since: this.#clock.now(), calls: 0 };
    this.#failing = { since, calls: calls + 1, reason: outcome.reason };
  }

  /** The same of a probe: that Slack answers it does not show that it takes messages, so the next failure is enough. */
  noteProbe(outcome: Outcome<unknown>): void {
    if (outcome.kind !== 'sent') this.note(outcome);
    else if (this.#failing !== null) this.#failing = { ...this.#failing, calls: OUTAGE_CALLS - 1 };
  }
}
