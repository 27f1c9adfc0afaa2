/** Where messages cannot be looked for, by channel, and why. */
import type { Reason } from '../core/outcome.ts';

/** Channels that are kept; the oldest is forgotten first. */
const KEPT = 100;

/** A scope is the app's, not a channel's: one look-up that works speaks for all channels. */
const OF_THE_APP = 'missing_scope';

/** Slack tells a channel's id with every post: from then on it need not be visible by its name. */
const UNTIL_POSTED = 'channel_not_visible';

export class Limitations {
  readonly #reasons = new Map<string, Reason>();

  get first(): Reason | null {
    return this.#reasons.values().next().value ?? null;
  }

  /** Whether it is news: no channel had this code. */
  add(channel: string, reason: Reason): boolean {
    const known = this.#reasons.values().some(({ code }) => code === reason.code);
    this.#reasons.set(channel, reason);
    const [oldest] = this.#reasons.keys();
    if (this.#reasons.size > KEPT && oldest !== undefined) this.#reasons.delete(oldest);
    return !known;
  }

  /** A look-up in the channel worked, or Slack accepted a post there: what that disproves is forgotten. */
  lift(channel: string, by: 'lookup' | 'message'): void {
    if (this.#reasons.size === 0) return;
    if (by === 'lookup' || this.#reasons.get(channel)?.code === UNTIL_POSTED) this.#reasons.delete(channel);
    if (by === 'message') return;
    for (const [other, { code }] of this.#reasons) if (code === OF_THE_APP) this.#reasons.delete(other);
  }
}
