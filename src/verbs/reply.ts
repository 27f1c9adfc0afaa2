/**
 * `reply`: in the card's thread. Without a card yet, the step's `root` template is posted first, as the thread's parent.
 * `broadcast` also shows the reply in the channel.
 */
import type { Placement } from '../core/delivery.ts';
import { faultPoint } from '../core/fault-point.ts';
import { type Reason, sent } from '../core/outcome.ts';
import type { CardKey } from '../journal/contract.ts';
import { object } from '../language/schema.ts';
import { flag, oneOrMany, text } from '../language/values.ts';
import { channel, MESSAGE_HELP, template } from './keys.ts';
import type { Posted } from './post-once.ts';
import { cardKey, isRefusedAs, learnt, postAlone, settled } from './sending.ts';
import {
  type Delivered,
  type DeliverParts,
  type Ending,
  failed,
  type ToChannel,
  type Verb,
  type Work,
} from './verb.ts';

const root = text
  .default('thread_root')
  .describe("The template of the thread's first message, where there is no card yet. Default: thread_root.");
const broadcast = flag.default(false).describe('Show it in the channel too. Default: false.');

type ReplyTarget = ToChannel<{ readonly template: string; readonly root: string; readonly broadcast: boolean }>;

export const reply = {
  name: 'reply',
  address: 'channel',
  steps: oneOrMany(object({ channel, template, root, broadcast }, MESSAGE_HELP), MESSAGE_HELP)
    .optional()
    .describe("In the card's thread."),
  templates: ['template', 'root'],
  role: 'thread',
  scopes: [],
  words: ({ channel, broadcast }: ReplyTarget) =>
    `reply in ${channel}${broadcast ? ', also shown in the channel' : ''}`,
  deliver,
} as const satisfies Verb;

/** Slack's words for: the thread to reply in is no longer there. */
export const THREAD_GONE: ReadonlySet<string> = new Set([
  'thread_not_found',
  'message_not_found',
  'cannot_reply_to_message',
]);

async function deliver(target: ReplyTarget, work: Work, parts: DeliverParts): Promise<Delivered> {
  const { channel, template, broadcast } = target;
  const key = cardKey(work.event, channel);
  if (key === null) return postAlone(channel, template, { work, parts });
  const message = await parts.render(template, work);
  if (message.kind !== 'sent') return failed(message);
  const replyTo = ({ channel, ts }: Placement) => {
    const posting = { channel, message: message.value, deliveryId: work.id, thread: { ts, broadcast } };
    return parts.postOnce(posting, work.doubt);
  };
  const card = await parts.journal.card(key);
  if (card !== null) {
    const posted = await replyTo(card.placement);
    if (!isRefusedAs(posted, THREAD_GONE)) return settledReply(posted, key);
  }
  const posted = await postRoot(target, key, { work, parts });
  if (posted.kind !== 'sent') return settled(posted);
  faultPoint('deliver.between-root-and-reply');
  const { placement } = posted.value;
  return settledReply(await replyTo(placement), key, learnt(channel, placement, parts));
}

/** The thread's parent, kept as the subject's card at once: a later `card` turns it into one. */
async function postRoot(
  { channel, root }: ReplyTarget,
  key: CardKey,
  { work, parts }: { readonly work: Work; readonly parts: DeliverParts },
): Promise<Posted> {
  const message = await parts.render(root, { ...work, thresholdHit: null });
  if (message.kind !== 'sent') return message;
  const posting = { channel, message: message.value, deliveryId: `${work.id}.root`, neededBy: work.id };
  const posted = await parts.postOnce(posting, work.doubt);
  if (posted.kind === 'sent') {
    faultPoint('deliver.root-posted');
    await parts.journal.saveCard(key, { placement: posted.value.placement, shows: null }, parts.clock.now());
  }
  return posted;
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
