/**
 * Channels have names in the config, and ids where Slack wants to be asked about them. Slack tells the id with every
 * message that it takes; it is kept in the journal, because nothing else says it without a further scope.
 */
import { LRUCache } from 'lru-cache';
import { type Outcome, sent } from '../core/outcome.ts';
import type { Journal } from '../journal/contract.ts';
import type { SlackGateway } from '../slack/gateway.ts';

const NAMES_KEPT = 1_000;

/** A channel's, a direct conversation's or a group's id. */
const ID = /^[CDG][A-Z0-9]{8,}$/;

export interface ChannelIdParts {
  readonly journal: Pick<Journal, 'channelId'>;
  readonly gateway: Pick<SlackGateway, 'channelId'>;
}

export class ChannelIds {
  readonly #parts: ChannelIdParts;
  readonly #known = new LRUCache<string, string>({ max: NAMES_KEPT });

  constructor(parts: ChannelIdParts) {
    this.#parts = parts;
  }

  /**
   * What the journal does not know yet and should store: a message sent to `name` came to stand in `id`.
   *
   * Known limit: where that is not stored with the outcome, because the lane was lost, this process does not try again;
   * another instance asks Slack.
   */
  learn(name: string, id: string): { readonly name: string; readonly id: string } | undefined {
    if (ID.test(name) || this.#known.get(name) === id) return undefined;
    this.#known.set(name, id);
    return { name, id };
  }

  /** Null where there is no channel of that name that we may see. */
  async resolve(name: string): Promise<Outcome<string | null>> {
    if (ID.test(name)) return sent(name);
    const known = this.#known.get(name) ?? (await this.#parts.journal.channelId(name));
    return known === null ? this.#parts.gateway.channelId(name) : sent(known);
  }
}
