/**
 * What the relay asks of Slack. Every answer is an Outcome: nothing here throws for what Slack or the network did.
 */
import type { Placement } from '../core/delivery.ts';
import type { RenderedMessage } from '../core/message.ts';
import type { Outcome } from '../core/outcome.ts';

export interface Posting {
  /** An id, or a name with its `#`. */
  readonly channel: string;
  readonly message: RenderedMessage;
  /** Kept in the message's metadata, to recognise it later. */
  readonly deliveryId: string;
  readonly thread?: { readonly ts: string; readonly broadcast: boolean };
}

export interface SlackGateway {
  post(posting: Posting): Promise<Outcome<Placement>>;
  /** Idempotent: safe to repeat. */
  update(placement: Placement, message: RenderedMessage): Promise<Outcome<Placement>>;
  /** Already there counts as sent. */
  react(placement: Placement, emoji: string): Promise<Outcome<Placement>>;
  /** The id of the direct conversation with a user. Idempotent. */
  openDm(userId: string): Promise<Outcome<string>>;
  /** The user's id, or null where nobody has that e-mail address. */
  lookupByEmail(email: string): Promise<Outcome<string | null>>;
  /** Whether the token works, and whose it is. */
  identify(): Promise<Outcome<SlackIdentity>>;
}

export interface SlackIdentity {
  readonly team: string;
  readonly user: string;
}
