/**
 * What each verb does in Slack. A delivery either ends (with what it left there) or fails in a way that the lane
 * decides about.
 */
import type { Placement, Target } from '../core/delivery.ts';
import { eventTimeMs, type RelayEvent } from '../core/event.ts';
import { type Failure, type Outcome, refused, sent } from '../core/outcome.ts';
import type { Card, CardKey, Journal, QueuedDelivery, Settlement } from '../journal/journal.ts';
import { UNEDITABLE } from '../slack/codes.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import type { People } from '../slack/people.ts';
import { postMessage, type SentMessage, updateMessage } from './message.ts';
import type { Render } from './render.ts';

type Ending = Omit<Settlement, 'seq' | 'at'>;

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

/** Slack's words for: the thread to reply in is no longer there. */
const THREAD_GONE: ReadonlySet<string> = new Set(['thread_not_found', 'message_not_found', 'cannot_reply_to_message']);

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
  const keep = (outcome: Outcome<SentMessage>) =>
    settled(outcome, (placement) => ({ card: { key, card: { placement, shows } } }));
  const message = await parts.render(target.template, work.event);
  if (message.kind !== 'sent') return failed(message);
  if (card !== null) {
    const updated = await updateMessage(parts.gateway, card.placement, message.value);
    if (!isRefusedAs(updated, UNEDITABLE)) return keep(updated);
  }
  const posting = { channel: target.channel, message: message.value, deliveryId: work.id };
  return keep(await postMessage(parts.gateway, posting));
}

async function deliverReply(target: Target & { verb: 'reply' }, work: Work, parts: DeliverParts): Promise<Delivered> {
  const key = cardKey(work.event, target.channel);
  if (key === null) return postAlone(target.channel, target.template, { work, parts });
  const message = await parts.render(target.template, work.event);
  if (message.kind !== 'sent') return failed(message);
  const replyTo = (root: Placement) =>
    postMessage(parts.gateway, {
      channel: root.channel,
      message: message.value,
      deliveryId: work.id,
      thread: { ts: root.ts, broadcast: target.broadcast },
    });
  const card = await parts.journal.card(key);
  if (card !== null) {
    const outcome = await replyTo(card.placement);
    if (!isRefusedAs(outcome, THREAD_GONE)) return settled(outcome);
  }
  const root = await postRoot(target, key, { work, parts });
  if (root.kind !== 'sent') return failed(root);
  return settled(await replyTo(root.value));
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
  const root = await postMessage(parts.gateway, posting);
  if (root.kind !== 'sent') return root;
  await parts.journal.saveCard(key, { placement: root.value.placement, shows: null });
  return sent(root.value.placement);
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
  const outcome = await parts.gateway.react(card.placement, target.emoji);
  return outcome.kind === 'sent' ? ended({ state: 'sent', placement: outcome.value }) : failed(outcome);
}

async function postAlone(
  channel: string,
  template: string,
  { work, parts }: { work: Work; parts: DeliverParts },
): Promise<Delivered> {
  const message = await parts.render(template, work.event);
  if (message.kind !== 'sent') return failed(message);
  return settled(await postMessage(parts.gateway, { channel, message: message.value, deliveryId: work.id }));
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

function isRefusedAs(outcome: Outcome<unknown>, codes: ReadonlySet<string>): boolean {
  return outcome.kind === 'refused' && codes.has(outcome.reason.code);
}

function settled(
  outcome: Outcome<SentMessage>,
  more: (placement: Placement) => Pick<Ending, 'card'> = () => ({}),
): Delivered {
  if (outcome.kind !== 'sent') return failed(outcome);
  const { placement, note } = outcome.value;
  return ended({ state: 'sent', placement, ...(note && { reason: note }), ...more(placement) });
}

function ended(ending: Ending): Delivered {
  return { kind: 'ended', ending };
}

function failed(failure: Failure): Delivered {
  return { kind: 'failed', failure };
}
