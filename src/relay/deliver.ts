/**
 * What each verb does in Slack. A delivery either ends (with what it left there) or fails in a way that the lane
 * decides about.
 */
import type { Placement, Target } from '../core/delivery.ts';
import { eventTimeMs, type RelayEvent } from '../core/event.ts';
import type { Failure, Outcome } from '../core/outcome.ts';
import { refused } from '../core/outcome.ts';
import type { Card, CardKey, Journal, QueuedDelivery, Settlement } from '../journal/journal.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import type { People } from '../slack/people.ts';
import type { Render } from './render.ts';

export type Ending = Omit<Settlement, 'seq' | 'at'>;

export type Delivered =
  | { readonly kind: 'ended'; readonly ending: Ending }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type Deliver = (delivery: QueuedDelivery) => Promise<Delivered>;

export interface DeliverParts {
  readonly gateway: SlackGateway;
  readonly people: Pick<People, 'resolve'>;
  readonly journal: Pick<Journal, 'card' | 'saveCard'>;
  readonly render: Render;
}

/** Slack's words for: the message to update, or the thread to reply in, is no longer there. */
const MESSAGE_GONE = new Set([
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'cannot_reply_to_message',
  'edit_window_closed',
]);

export function createDeliver(parts: DeliverParts): Deliver {
  return async ({ target, event, eventSeq, ...delivery }) => {
    if ('channel' in target && /^#?$/.test(target.channel)) {
      return failed(refused('destination', 'no_channel', "The route's channel came out empty for this event."));
    }
    const work = { event, eventSeq, id: `${delivery.seq}.${delivery.acceptedAt.toString(36)}` };
    switch (target.verb) {
      case 'card':
        return deliverCard(target, work, parts);
      case 'reply':
        return deliverReply(target, work, parts);
      case 'post':
        return postAlone(target.channel, target.template, { work, parts });
      case 'dm':
        return deliverDm(target, work, parts);
      case 'react':
        return deliverReaction(target, work, parts);
    }
  };
}

interface Work {
  readonly event: RelayEvent;
  readonly eventSeq: number;
  /** The delivery's id as its message carries it. */
  readonly id: string;
}

async function deliverCard(target: Target & { verb: 'card' }, work: Work, parts: DeliverParts): Promise<Delivered> {
  const key = cardKey(work.event, target.channel);
  // Nothing says which later event would belong to it, so it is a message of its own.
  if (key === null) return postAlone(target.channel, target.template, { work, parts });
  const card = await parts.journal.card(key);
  if (card !== null && isNewer(card, work)) return ended({ state: 'superseded' });
  const shows = { occurredAt: eventTimeMs(work.event), eventSeq: work.eventSeq };
  const keep = (outcome: Outcome<Placement>) =>
    settled(outcome, (placement) => ({ placement, card: { key, card: { placement, shows } } }));
  const message = await parts.render(target.template, work.event);
  if (message.kind !== 'sent') return failed(message);
  if (card !== null) {
    const updated = await parts.gateway.update(card.placement, message.value);
    if (!isGone(updated)) return keep(updated);
  }
  return keep(await parts.gateway.post({ channel: target.channel, message: message.value, deliveryId: work.id }));
}

async function deliverReply(target: Target & { verb: 'reply' }, work: Work, parts: DeliverParts): Promise<Delivered> {
  const key = cardKey(work.event, target.channel);
  if (key === null) return postAlone(target.channel, target.template, { work, parts });
  const message = await parts.render(target.template, work.event);
  if (message.kind !== 'sent') return failed(message);
  const replyTo = (root: Placement) =>
    parts.gateway.post({
      channel: root.channel,
      message: message.value,
      deliveryId: work.id,
      thread: { ts: root.ts, broadcast: target.broadcast },
    });
  const card = await parts.journal.card(key);
  if (card !== null) {
    const outcome = await replyTo(card.placement);
    if (!isGone(outcome)) return settled(outcome, (placement) => ({ placement }));
  }
  const root = await postRoot(target, key, { work, parts });
  if (root.kind !== 'sent') return failed(root);
  return settled(await replyTo(root.value), (placement) => ({ placement }));
}

/** The thread's parent, kept as the subject's card at once: a later `card` turns it into one. */
async function postRoot(
  target: Target & { verb: 'reply' },
  key: CardKey,
  { work, parts }: { work: Work; parts: DeliverParts },
): Promise<Outcome<Placement>> {
  const message = await parts.render(target.root, work.event);
  if (message.kind !== 'sent') return message;
  const posting = { channel: target.channel, message: message.value, deliveryId: `${work.id}.root` };
  const root = await parts.gateway.post(posting);
  if (root.kind === 'sent') await parts.journal.saveCard(key, { placement: root.value, shows: null });
  return root;
}

async function deliverDm(target: Target & { verb: 'dm' }, work: Work, parts: DeliverParts): Promise<Delivered> {
  const user = await parts.people.resolve(target.to);
  if (user.kind !== 'sent') return failed(user);
  if (user.value === null) {
    const detail = 'Nobody in Slack matches this person: add them under people.map, by id or e-mail address.';
    return failed(refused('destination', 'no_slack_user', detail));
  }
  const conversation = await parts.gateway.openDm(user.value);
  if (conversation.kind !== 'sent') return failed(conversation);
  return postAlone(conversation.value, target.template, { work, parts });
}

async function deliverReaction(
  target: Target & { verb: 'react' },
  work: Work,
  parts: DeliverParts,
): Promise<Delivered> {
  const key = cardKey(work.event, target.channel);
  const card = key === null ? null : await parts.journal.card(key);
  if (card === null) {
    const detail = 'There is no card to react to: a route with `card` for the same channel must come first.';
    return failed(refused('destination', 'no_card', detail));
  }
  return settled(await parts.gateway.react(card.placement, target.emoji), (placement) => ({ placement }));
}

async function postAlone(
  channel: string,
  template: string,
  { work, parts }: { work: Work; parts: DeliverParts },
): Promise<Delivered> {
  const message = await parts.render(template, work.event);
  if (message.kind !== 'sent') return failed(message);
  const outcome = await parts.gateway.post({ channel, message: message.value, deliveryId: work.id });
  return settled(outcome, (placement) => ({ placement }));
}

function cardKey(event: RelayEvent, channel: string): CardKey | null {
  return event.subject === null ? null : { source: event.source, subject: event.subject, channel };
}

/** By when it happened, then by arrival. */
function isNewer({ shows }: Card, { event, eventSeq }: Work): boolean {
  if (shows === null) return false;
  const occurredAt = eventTimeMs(event);
  return shows.occurredAt > occurredAt || (shows.occurredAt === occurredAt && shows.eventSeq > eventSeq);
}

function isGone(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && MESSAGE_GONE.has(outcome.reason.code);
}

function settled(outcome: Outcome<Placement>, what: (placement: Placement) => Omit<Ending, 'state'>): Delivered {
  return outcome.kind === 'sent' ? ended({ state: 'sent', ...what(outcome.value) }) : failed(outcome);
}

function ended(ending: Ending): Delivered {
  return { kind: 'ended', ending };
}

function failed(failure: Failure): Delivered {
  return { kind: 'failed', failure };
}
