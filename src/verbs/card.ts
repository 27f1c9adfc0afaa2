/**
 * `card`: one message per subject and channel. The first event posts it, later events update it in place. An event older
 * than what the card shows never overwrites it. If the message is gone, a new one is posted.
 */
import { eventTimeMs } from '../core/event.ts';
import type { Card } from '../journal/contract.ts';
import { object } from '../language/schema.ts';
import { oneOrMany } from '../language/values.ts';
import { UNEDITABLE } from '../slack/codes.ts';
import { channel, MESSAGE_HELP, template } from './keys.ts';
import { updateMessage } from './message.ts';
import type { Posted } from './post-once.ts';
import { cardKey, isRefusedAs, learnt, postAlone, settled } from './sending.ts';
import { type Delivered, type DeliverParts, ended, failed, type ToChannel, type Verb, type Work } from './verb.ts';

type CardTarget = ToChannel<{ readonly template: string }>;

export const card = {
  name: 'card',
  address: 'channel',
  steps: oneOrMany(object({ channel, template }, MESSAGE_HELP), MESSAGE_HELP)
    .optional()
    .describe('One message per subject and channel: posted by the first event, updated in place by later ones.'),
  templates: ['template'],
  role: 'card',
  scopes: [],
  words: ({ channel }: CardTarget) => `card in ${channel}`,
  deliver,
} as const satisfies Verb;

async function deliver({ channel, template }: CardTarget, work: Work, parts: DeliverParts): Promise<Delivered> {
  const key = cardKey(work.event, channel);
  // Nothing says which later event would belong to it, so it is a message of its own.
  if (key === null) return postAlone(channel, template, { work, parts });
  const known = await parts.journal.card(key);
  if (known !== null && isNewer(known, work)) return ended({ state: 'superseded' });
  const shows = { occurredAt: eventTimeMs(work.event), eventSeq: work.eventSeq };
  const keep = (posted: Posted) =>
    settled(posted, (placement) => ({
      card: { key, card: { placement, shows } },
      ...learnt(channel, placement, parts),
    }));
  const message = await parts.render(template, work);
  if (message.kind !== 'sent') return failed(message);
  if (known !== null) {
    const updated = await updateMessage(parts.gateway, known.placement, message.value);
    if (!isRefusedAs(updated, UNEDITABLE)) return keep(updated);
  }
  return keep(await parts.postOnce({ channel, message: message.value, deliveryId: work.id }, work.doubt));
}

/** By when it happened, then by arrival. */
function isNewer({ shows }: Card, { event, eventSeq }: Work): boolean {
  if (shows === null) return false;
  const occurredAt = eventTimeMs(event);
  return shows.occurredAt > occurredAt || (shows.occurredAt === occurredAt && shows.eventSeq > eventSeq);
}
