/**
 * Deliveries that go out in one message: a digest, or one reply to a thread. Prepared first, so that the lane can write
 * down who is in it, then sent. The message carries the id of its first delivery's group, by which it is found again.
 */
import type { Doubt } from '../../core/delivery.ts';
import type { RelayEvent } from '../../core/event.ts';
import type { RenderedMessage } from '../../core/message.ts';
import { type Failure, type Outcome, type Reason, sent } from '../../core/outcome.ts';
import type { QueuedDelivery } from '../../journal/contract.ts';
import { safeUrl, unescapeMrkdwn } from '../../slack-format/escape.ts';
import { settledReply, THREAD_GONE } from '../../verbs/reply.ts';
import { cardKey, conversationOf, learnt, settled } from '../../verbs/sending.ts';
import type { Delivered, DeliverParts } from '../../verbs/verb.ts';
import { deliveryId, verbOf } from '../../verbs/verbs.ts';
import { RELAY_SOURCE } from '../upkeep/reports.ts';
import { type DigestLine, digestMessage, joinTexts, linesThatFit } from './digest.ts';
import { groupOf, type MergeStep } from './merge.ts';

type MergeOfSeveral = Extract<MergeStep, { seqs: readonly number[] }>;

export interface MergedMessage {
  /** Those in the message, in order; the others had no room. Empty where the message is not possible. */
  readonly members: readonly QueuedDelivery[];
  /** What cannot go out with others: each is to be tried by itself, and ends there as it would have. */
  readonly individually: readonly QueuedDelivery[];
  /** By which its members know each other, in the journal. */
  readonly group: number;
  send(doubt: Doubt | null): Promise<Delivered>;
}

export type PrepareMerged = (step: MergeOfSeveral, deliveries: readonly QueuedDelivery[]) => Promise<MergedMessage>;

/** Why the message itself is at fault, so that each of its deliveries may fare better alone; null where it is not. */
export function ownFault(delivered: Delivered): Reason | null {
  if (delivered.kind !== 'failed' || delivered.failure.kind !== 'refused') return null;
  const { scope, reason } = delivered.failure;
  return scope === 'payload' || THREAD_GONE.has(reason.code) ? reason : null;
}

export function createPrepareMerged(parts: DeliverParts): PrepareMerged {
  return async (step, deliveries) => {
    const fit: Fit[] = [];
    const individually: QueuedDelivery[] = [];
    // One after the other: each may ask Slack for people.
    for (const it of deliveries) {
      const message = await messageOf(it, parts);
      if (message.kind === 'retry') return waiting(step.kind, deliveries, message);
      if (message.kind === 'sent') fit.push({ it, message: message.value });
      else individually.push(it);
    }
    return step.kind === 'digest' ? digest(fit, individually, { step, parts }) : replies(fit, individually, parts);
  };
}

interface Fit {
  readonly it: QueuedDelivery;
  readonly message: RenderedMessage;
}

async function digest(
  fit: readonly Fit[],
  individually: readonly QueuedDelivery[],
  { step, parts }: { step: Extract<MergeStep, { kind: 'digest' }>; parts: DeliverParts },
): Promise<MergedMessage> {
  const lines = fit.map(lineOf);
  const kept = lines.slice(0, linesThatFit(lines));
  const members = fit.slice(0, kept.length).map(({ it }) => it);
  const [lead] = members;
  if (lead === undefined) return impossible(individually);
  const message = await digestOf(kept, step.template, { lead, parts });
  if (message.kind === 'retry') return waiting('digest', members, message);
  if (message.kind !== 'sent') return impossible([...individually, ...members]);
  return {
    members,
    individually,
    group: groupOf('digest', lead.seq),
    async send(doubt) {
      const channel = await conversationOf(lead.target, lead, parts);
      if (channel.kind !== 'sent') return { kind: 'failed', failure: channel };
      const posting = { channel: channel.value, message: message.value, ...idsOf(members, lead) };
      const posted = await parts.postOnce(posting, doubt);
      return settled(posted, (placement) => learnt(channel.value, placement, parts));
    },
  };
}

async function replies(
  fit: readonly Fit[],
  individually: readonly QueuedDelivery[],
  parts: DeliverParts,
): Promise<MergedMessage> {
  const { message, taken } = joinTexts(fit.map(({ message }) => message.text));
  const members = fit.slice(0, taken).map(({ it }) => it);
  const [lead] = members;
  const key = lead?.target.channel === undefined ? null : cardKey(lead.event, lead.target.channel);
  const card = key === null ? null : await parts.journal.card(key);
  if (lead === undefined || key === null || card === null) return impossible([...individually, ...members]);
  const broadcast = members.some(({ target }) => target.broadcast === true);
  return {
    members,
    individually,
    group: groupOf('replies', lead.seq),
    async send(doubt) {
      const { channel, ts } = card.placement;
      const posting = { channel, message, ...idsOf(members, lead), thread: { ts, broadcast } };
      return settledReply(await parts.postOnce(posting, doubt), key);
    },
  };
}

/** It cannot be rendered yet: all of its deliveries wait for that together. */
function waiting(kind: MergeOfSeveral['kind'], members: readonly QueuedDelivery[], failure: Failure): MergedMessage {
  const group = groupOf(kind, members[0]?.seq ?? 0);
  return { members, individually: [], group, send: async () => ({ kind: 'failed', failure }) };
}

function impossible(individually: readonly QueuedDelivery[]): MergedMessage {
  return {
    members: [],
    individually,
    group: 0,
    send: () => Promise.reject(new TypeError('There is no message to send.')),
  };
}

/** By the second, each is found should the journal have forgotten that they went out together: it was restored. */
function idsOf(members: readonly QueuedDelivery[], lead: QueuedDelivery) {
  return { deliveryId: `${deliveryId(lead)}.group`, deliveries: members.map(deliveryId) };
}

function messageOf(delivery: QueuedDelivery, { render }: DeliverParts) {
  const { target, event } = delivery;
  const line = verbOf(target)?.line?.(target, event);
  if (line === undefined) return render(target.template ?? '', delivery);
  return Promise.resolve(sent({ text: line, summary: line }));
}

function lineOf({ it: { route, event, acceptedAt }, message: { summary } }: Fit): DigestLine {
  const { subject, action } = event;
  return { route, subject, summary, url: action.url === null ? null : safeUrl(action.url), at: acceptedAt };
}

/** By the route's own template, which sees the lines as the payload of an event. */
async function digestOf(
  lines: readonly DigestLine[],
  template: string | null,
  { lead, parts }: { lead: QueuedDelivery; parts: DeliverParts },
): Promise<Outcome<RenderedMessage>> {
  if (template === null) return sent(digestMessage(lines));
  const times = lines.map(({ at }) => at);
  const iso = (ms: number) => new Date(ms).toISOString();
  const event: RelayEvent = {
    ...lead.event,
    source: RELAY_SOURCE,
    topic: 'digest',
    subject: null,
    payload: {
      count: lines.length,
      first_at: iso(Math.min(...times)),
      last_at: iso(Math.max(...times)),
      lines: lines.map(({ at, summary, ...line }) => ({ ...line, text: unescapeMrkdwn(summary), at: iso(at) })),
    },
  };
  return parts.render(template, { event, thresholdHit: null, acceptedAt: lead.acceptedAt, attempts: lead.attempts });
}
