/**
 * What each verb does in Slack. A delivery either ends (with what it left there), or is to be looked for again, or
 * fails in a way that the lane decides about.
 */
import type { Clock } from '../core/clock.ts';
import type { Doubt, Placement, Target } from '../core/delivery.ts';
import { eventTimeMs, type Person, type RelayEvent } from '../core/event.ts';
import { faultPoint } from '../core/fault-point.ts';
import { type Failure, type Outcome, type Reason, refused, sent } from '../core/outcome.ts';
import type { Card, CardKey, Journal, QueuedDelivery, Settlement } from '../journal/journal.ts';
import { UNEDITABLE } from '../slack/codes.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import type { People } from '../slack/people.ts';
import type { ChannelIds } from '../verbs/channel-ids.ts';
import { updateMessage } from '../verbs/message.ts';
import { nobodySince, type Render } from '../verbs/render.ts';
import type { Posted, PostOnce } from './posting.ts';
import type { About } from './ruleset-history.ts';

type Ending = Omit<Settlement, 'seq' | 'at'>;

export type Delivered =
  | { readonly kind: 'ended'; readonly ending: Ending }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | Extract<Posted, { kind: 'unseen' }>;

export type Deliver = (delivery: QueuedDelivery) => Promise<Delivered>;

export interface DeliverParts {
  readonly gateway: Pick<SlackGateway, 'update' | 'react' | 'openDm'>;
  readonly postOnce: PostOnce;
  readonly channels: Pick<ChannelIds, 'learn'>;
  readonly people: Pick<People, 'resolve'>;
  readonly journal: Pick<Journal, 'card' | 'saveCard'>;
  readonly render: (template: string, about: About) => ReturnType<Render>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Slack's words for: the thread to reply in is no longer there. */
export const THREAD_GONE: ReadonlySet<string> = new Set([
  'thread_not_found',
  'message_not_found',
  'cannot_reply_to_message',
]);

export function createDeliver(parts: DeliverParts): Deliver {
  return async ({ target, event, eventSeq, doubt, storm, ...delivery }) => {
    if ('channel' in target && /^#?$/.test(target.channel)) {
      return failed(refused('destination', 'no_channel', "The route's channel came out empty for this event."));
    }
    const { acceptedAt, attempts } = delivery;
    const work = { event, eventSeq, doubt, storm, acceptedAt, attempts, id: deliveryId(delivery) };
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

/** As the message carries it. Unique also among journals, should one begin anew. */
export function deliveryId({ seq, acceptedAt }: Pick<QueuedDelivery, 'seq' | 'acceptedAt'>): string {
  return `${seq}.${acceptedAt.toString(36)}`;
}

interface Work extends About {
  readonly eventSeq: number;
  readonly doubt: Doubt | null;
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
  const keep = (posted: Posted) =>
    settled(posted, (placement) => ({
      card: { key, card: { placement, shows } },
      ...learnt(target.channel, placement, parts),
    }));
  const message = await parts.render(target.template, work);
  if (message.kind !== 'sent') return failed(message);
  if (card !== null) {
    const updated = await updateMessage(parts.gateway, card.placement, message.value);
    if (!isRefusedAs(updated, UNEDITABLE)) return keep(updated);
  }
  const posting = { channel: target.channel, message: message.value, deliveryId: work.id };
  return keep(await parts.postOnce(posting, work.doubt));
}

async function deliverReply(target: Target & { verb: 'reply' }, work: Work, parts: DeliverParts): Promise<Delivered> {
  const key = cardKey(work.event, target.channel);
  if (key === null) return postAlone(target.channel, target.template, { work, parts });
  const message = await parts.render(target.template, work);
  if (message.kind !== 'sent') return failed(message);
  const replyTo = ({ channel, ts }: Placement) => {
    const thread = { ts, broadcast: target.broadcast };
    return parts.postOnce({ channel, message: message.value, deliveryId: work.id, thread }, work.doubt);
  };
  const card = await parts.journal.card(key);
  if (card !== null) {
    const posted = await replyTo(card.placement);
    if (!isRefusedAs(posted, THREAD_GONE)) return settledReply(posted, key);
  }
  const root = await postRoot(target, key, { work, parts });
  if (root.kind !== 'sent') return settled(root);
  faultPoint('deliver.between-root-and-reply');
  const { placement } = root.value;
  return settledReply(await replyTo(placement), key, learnt(target.channel, placement, parts));
}

/** The thread's parent, kept as the subject's card at once: a later `card` turns it into one. */
async function postRoot(
  target: Target & { verb: 'reply' },
  key: CardKey,
  { work, parts }: { work: Work; parts: DeliverParts },
): Promise<Posted> {
  const message = await parts.render(target.root, { ...work, storm: null });
  if (message.kind !== 'sent') return message;
  const posting = { channel: target.channel, message: message.value, deliveryId: `${work.id}.root` };
  const root = await parts.postOnce(posting, work.doubt);
  if (root.kind === 'sent') {
    faultPoint('deliver.root-posted');
    await parts.journal.saveCard(key, { placement: root.value.placement, shows: null }, parts.clock.now());
  }
  return root;
}

async function deliverDm(target: Target & { verb: 'dm' }, work: Work, parts: DeliverParts): Promise<Delivered> {
  const conversation = await openDm(target.to, nobodySince(work), parts);
  if (conversation.kind !== 'sent') return failed(conversation);
  return postAlone(conversation.value, target.template, { work, parts });
}

/** The direct conversation with a person; refused where they are nobody in Slack. */
export async function openDm(
  to: Person,
  since: number,
  { people, gateway }: Pick<DeliverParts, 'people' | 'gateway'>,
): Promise<Outcome<string>> {
  const user = await people.resolve(to, since);
  if (user.kind !== 'sent') return user;
  if (user.value !== null) return gateway.openDm(user.value);
  const detail = 'Nobody in Slack matches this person: add them under people.map, by id or e-mail address.';
  return refused('destination', 'no_slack_user', detail);
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
  const message = await parts.render(template, work);
  if (message.kind !== 'sent') return failed(message);
  const posted = await parts.postOnce({ channel, message: message.value, deliveryId: work.id }, work.doubt);
  return settled(posted, (placement) => learnt(channel, placement, parts));
}

/** What a card belongs to; null where nothing says which other events would belong to it too. */
export function cardKey(event: RelayEvent, channel: string): CardKey | null {
  return event.subject === null ? null : { source: event.source, subject: event.subject, channel };
}

/** By when it happened, then by arrival. */
function isNewer({ shows }: Card, { event, eventSeq }: Work): boolean {
  if (shows === null) return false;
  const occurredAt = eventTimeMs(event);
  return shows.occurredAt > occurredAt || (shows.occurredAt === occurredAt && shows.eventSeq > eventSeq);
}

function isRefusedAs(posted: Posted, codes: ReadonlySet<string>): boolean {
  return posted.kind === 'refused' && codes.has(posted.reason.code);
}

/** The channel's id, to be stored with the outcome where it is news. */
export function learnt(
  name: string,
  { channel }: Placement,
  { channels }: Pick<DeliverParts, 'channels'>,
): Pick<Ending, 'channel'> {
  const learned = channels.learn(name, channel);
  return learned === undefined ? {} : { channel: learned };
}

const ASTRAY: Reason = {
  code: 'outside_thread',
  detail:
    'The first message of the thread is gone, so Slack showed the reply in the channel: the next one starts a new thread',
};

/**
 * One that went astray is in the channel, once, and stays there: to delete and post it again could make it two, or none.
 * Its thread is given up in the commit that ends it, so that the next reply posts a root.
 */
export function settledReply(posted: Posted, key: CardKey, more: Pick<Ending, 'channel'> = {}): Delivered {
  if (posted.kind !== 'sent' || posted.value.astray !== true) return settled(posted, () => more);
  const { placement } = posted.value;
  return settled(sent({ placement, note: ASTRAY }), () => ({ ...more, card: { key, card: null } }));
}

export function settled(
  posted: Posted,
  more: (placement: Placement) => Pick<Ending, 'card' | 'channel'> = () => ({}),
): Delivered {
  switch (posted.kind) {
    case 'sent': {
      const { placement, note } = posted.value;
      return ended({ state: 'sent', placement, ...(note && { reason: note }), ...more(placement) });
    }
    case 'parked':
      return ended({ state: 'parked', reason: posted.reason });
    case 'unseen':
      return posted;
    default:
      return failed(posted);
  }
}

function ended(ending: Ending): Delivered {
  return { kind: 'ended', ending };
}

function failed(failure: Failure): Delivered {
  return { kind: 'failed', failure };
}
