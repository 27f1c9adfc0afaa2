/**
 * Posting once. Slack has no key that makes a repeated post one message, so a delivery in doubt is looked for before
 * it is sent again: at once, and some seconds later, since Slack's history lags. Only the last look is followed by a
 * post; where it cannot look, or does not find it, the config says whether to send it again or to leave it to a person.
 *
 * Known limit: a message that Slack shows later than the last look is sent twice.
 */
import type { Doubt, Placement } from '../core/delivery.ts';
import { faultPoint } from '../core/fault-point.ts';
import { type Outcome, type Reason, refused, sent } from '../core/outcome.ts';
import type { Landing, Posting, SlackGateway } from '../slack/gateway.ts';
import type { ChannelIds } from './channel-ids.ts';
import { landed, postMessage, type SentMessage } from './message.ts';

/** ms before each look, since the one before. */
const LOOK_AFTER_MS = [0, 2_000, 3_000];
const LAST_LOOK = LOOK_AFTER_MS.length - 1;

/** As one look is enough: the message, if there is one, was posted so long ago that Slack's history has it. */
export const POSTED_LONG_AGO = { lookups: LAST_LOOK, lagMs: LOOK_AFTER_MS.reduce((sum, ms) => sum + ms) } as const;

/** ms until the message is looked for, after that many lookups. */
export function lookAfterMs(lookups: number): number {
  return LOOK_AFTER_MS[lookups] ?? 0;
}

/** Whether an attempt at this delivery may post; else it only looks. What may post is marked as `sending` first. */
export function mayPost(doubt: Doubt | null): boolean {
  return doubt === null || doubt.lookups >= LAST_LOOK;
}

export type Posted =
  | Outcome<SentMessage>
  /** Nothing was posted: it is in Slack, in a message with others. */
  | { readonly kind: 'merged'; readonly placement: Placement; readonly note: Reason }
  /** Nothing was posted: look again, the `lookups`th time. */
  | { readonly kind: 'unseen'; readonly lookups: number; readonly reason: Reason }
  /** It is not to be found, and is not to be sent again without somebody's word. */
  | { readonly kind: 'parked'; readonly reason: Reason };

export type PostOnce = (posting: Posting, doubt: Doubt | null) => Promise<Posted>;

export interface PostingParts {
  readonly gateway: Pick<SlackGateway, 'post' | 'find'>;
  readonly channels: Pick<ChannelIds, 'resolve'>;
  readonly unknownOutcome: () => 'resend' | 'hold';
  readonly health: {
    /** Slack does not let us look there. */
    limit(channel: string, reason: Reason): void;
    /** A look-up or a post worked. */
    lift(channel: string, by: 'lookup' | 'message'): void;
  };
}

const ADOPTED: Reason = {
  code: 'found_in_slack',
  detail: 'The answer was lost; the message was found in Slack and not sent again.',
};
const UNSEEN: Reason = { code: 'not_found_yet', detail: 'The answer was lost; the message is looked for in Slack.' };

export function createPostOnce(parts: PostingParts): PostOnce {
  const { gateway, health } = parts;
  const post = async (posting: Posting): Promise<Posted> => {
    const outcome = await postMessage(gateway, posting);
    if (outcome.kind === 'sent') health.lift(posting.channel, 'message');
    return outcome;
  };
  return async (posting, doubt) => {
    if (doubt === null) return post(posting);
    const found = await look(posting, doubt, parts);
    if (found.kind === 'sent') {
      health.lift(posting.channel, 'lookup');
      if (found.value !== null) {
        faultPoint('deliver.adopted');
        return adopted(found.value);
      }
      if (!mayPost(doubt)) return { kind: 'unseen', lookups: doubt.lookups + 1, reason: UNSEEN };
    } else if (found.kind === 'refused' && found.scope !== 'credential') {
      if (!mayPost(doubt)) return { kind: 'unseen', lookups: LAST_LOOK, reason: found.reason };
      health.limit(posting.channel, found.reason);
    } else {
      return found;
    }
    if (parts.unknownOutcome() === 'resend') return post(posting);
    return { kind: 'parked', reason: parkedBecause(found.kind === 'refused' ? found.reason : null) };
  };
}

function adopted({ shared, ...landing }: Landing): Posted {
  const message = { ...landed(landing), note: ADOPTED };
  return shared === true ? { kind: 'merged', ...message } : sent(message);
}

/** Finds where the message stands; null where it is not to be seen. A refusal: we may not look there. */
async function look(posting: Posting, doubt: Doubt, parts: PostingParts): Promise<Outcome<Landing | null>> {
  const channel = await parts.channels.resolve(posting.channel);
  if (channel.kind !== 'sent') return channel;
  if (channel.value === null) {
    const detail = `No channel ${posting.channel} is to be seen: invite the app there, or add channels:read and groups:read.`;
    return refused('destination', 'channel_not_visible', detail);
  }
  const { deliveryId, neededBy, thread } = posting;
  const { since, until } = doubt;
  const where = { channel: channel.value, ...(thread !== undefined && { threadTs: thread.ts }) };
  return parts.gateway.find({ ...where, deliveryId, ...(neededBy !== undefined && { neededBy }), since, until });
}

function parkedBecause(refusal: Reason | null): Reason {
  const sought = refusal === null ? 'It is not to be found in Slack' : `Slack does not let us look (${refusal.detail})`;
  return {
    code: 'unknown_outcome',
    detail: `The answer was lost, so the message may have arrived or not. ${sought}: look for yourself, then \`replay\` it or leave it.`,
  };
}
