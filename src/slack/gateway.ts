/**
 * What the relay asks of Slack. Every answer is an Outcome: nothing here throws for what Slack or the network did.
 */
import type { Placement } from '../core/delivery.ts';
import type { RenderedMessage } from '../core/message.ts';
import type { Outcome } from '../core/outcome.ts';
import type { MarkMethod } from './classify.ts';

export interface Posting {
  /** An id, or a name with its `#`. */
  readonly channel: string;
  readonly message: RenderedMessage;
  /** Kept in the message's metadata, to recognise it later. */
  readonly deliveryId: string;
  /** Of a message for several deliveries: their ids, kept there too. */
  readonly deliveries?: readonly string[];
  /** Of a message that goes before a delivery's own: that delivery's id. It may have gone out with others instead. */
  readonly neededBy?: string;
  readonly thread?: { readonly ts: string; readonly broadcast: boolean };
}

/** Where a message came to stand. */
export interface Landing extends Placement {
  /** It was a reply, and stands in the channel itself: Slack does so where the thread's first message is gone. */
  readonly astray?: true;
  /** Found: it is a message for several deliveries. */
  readonly shared?: true;
}

/** A message of ours that may be there. */
export interface Search {
  /** The conversation's id. */
  readonly channel: string;
  /** In this thread, or in the channel where a reply to it went astray. */
  readonly threadTs?: string;
  readonly deliveryId: string;
  /** As in Posting. */
  readonly neededBy?: string;
  /** ms since the epoch by our clock: when the first and the last attempt to post it began. */
  readonly since: number;
  readonly until: number;
}

/** Something on a message that is there or not. */
export interface CardMark {
  /** Takes the message as `channel` and `timestamp`. */
  readonly method: MarkMethod;
  readonly args?: Readonly<Record<string, string>>;
  /** What Slack answers where it is there. */
  readonly already: string;
}

export interface SlackGateway {
  post(posting: Posting): Promise<Outcome<Landing>>;
  /**
   * Looks for a message by its delivery id, or for one that brings the delivery together with others. Null where it is not to be seen, which is no proof right after a post:
   * Slack's history lags. A refusal means that we may not look there.
   */
  find(search: Search): Promise<Outcome<Landing | null>>;
  /** The id of a channel by its name (`#name`); null where we see none of that name. */
  channelId(name: string): Promise<Outcome<string | null>>;
  /** Idempotent: safe to repeat. */
  update(placement: Placement, message: RenderedMessage): Promise<Outcome<Placement>>;
  /** Already there counts as sent. */
  mark(placement: Placement, mark: CardMark): Promise<Outcome<Placement>>;
  /** The id of the direct conversation with a user. Idempotent. */
  openDm(userId: string): Promise<Outcome<string>>;
  /**
   * The user's id, or null where nobody has that e-mail address. A null from before `since`, ms since the epoch, is
   * not remembered.
   */
  lookupByEmail(email: string, since?: number): Promise<Outcome<string | null>>;
  /** The id of a user group by its handle, without `@`; null where no group has it. */
  groupId(handle: string): Promise<Outcome<string | null>>;
  /** The time zone a user has set, such as `Europe/Paris`; null where Slack tells none, or knows no such user. */
  timeZone(userId: string): Promise<Outcome<string | null>>;
  /** Whether the token works, and whose it is. */
  identify(): Promise<Outcome<SlackIdentity>>;
}

export interface SlackIdentity {
  readonly team: string;
  readonly user: string;
  /** The workspace's address; left out where Slack does not say it. */
  readonly url?: string;
}
