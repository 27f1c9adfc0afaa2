/** Addresses of messages in Slack, made of what auth.test said: no call for each. */
import type { Placement } from '../core/delivery.ts';
import type { Outcome } from '../core/outcome.ts';
import type { SlackIdentity } from './gateway.ts';

export class Permalinks {
  /** With a slash at its end; null before Slack said it. */
  #workspace: string | null = null;

  /** Learns from every answer. */
  learning(identify: () => Promise<Outcome<SlackIdentity>>): () => Promise<Outcome<SlackIdentity>> {
    return async () => {
      const outcome = await identify();
      if (outcome.kind === 'sent') this.#learn(outcome.value);
      return outcome;
    };
  }

  /** The host of its address, such as `acme.slack.com`; null before Slack said it. */
  get workspace(): string | null {
    return this.#workspace === null ? null : new URL(this.#workspace).host;
  }

  /** Null where the workspace is not known, or the message is in none. */
  to(placement: Placement | null): string | null {
    if (this.#workspace === null || placement === null) return null;
    const { channel, ts } = placement;
    return `${this.#workspace}archives/${encodeURIComponent(channel)}/p${encodeURIComponent(ts.replace('.', ''))}`;
  }

  /** A page links to it: so it has to be an address of the web. */
  #learn({ url = '' }: SlackIdentity): void {
    const address = URL.parse(url);
    if (address === null || !/^https?:$/.test(address.protocol)) return;
    this.#workspace = new URL('/', address).href;
  }
}
