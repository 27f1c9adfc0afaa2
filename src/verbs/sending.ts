/** What verbs share: whom a message goes to, posting one of its own, what is kept of where it came to stand. */
import type { Placement, Target } from '../core/delivery.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import { type Outcome, refused, sent } from '../core/outcome.ts';
import type { CardKey } from '../journal/contract.ts';
import { isGroup } from '../slack/people.ts';
import type { Posted } from './post-once.ts';
import { nobodySince, type Occasion } from './render.ts';
import { type Delivered, type DeliverParts, type Ending, ended, failed, type Work } from './verb.ts';

/** The conversation a target goes to: its channel, or the direct conversation with its person. */
export function conversationOf(
  target: Target,
  about: Pick<Occasion, 'event' | 'acceptedAt'>,
  parts: Pick<DeliverParts, 'people' | 'gateway'>,
): Promise<Outcome<string>> {
  return target.to === undefined ? Promise.resolve(sent(target.channel)) : openDm(target.to, nobodySince(about), parts);
}

const NO_GROUP =
  'This is a user group, and groups get no direct messages: name its members in dm.to, or mention the group in a channel.';

/** The direct conversation with a person; refused where they are nobody in Slack. */
export async function openDm(
  to: Person,
  since: number,
  { people, gateway }: Pick<DeliverParts, 'people' | 'gateway'>,
): Promise<Outcome<string>> {
  const user = await people.resolve(to, since);
  if (user.kind !== 'sent') return user;
  if (user.value !== null && isGroup(user.value)) return refused('destination', 'group_gets_no_dm', NO_GROUP);
  if (user.value !== null) return gateway.openDm(user.value);
  const detail = 'Nobody in Slack matches this person: add them under people.map, by id or e-mail address.';
  return refused('destination', 'no_slack_user', detail);
}

/** A message of its own. */
export async function postAlone(
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

export function isRefusedAs(posted: Posted, codes: ReadonlySet<string>): boolean {
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

export function settled(
  posted: Posted,
  more: (placement: Placement) => Pick<Ending, 'card' | 'channel'> = () => ({}),
): Delivered {
  switch (posted.kind) {
    case 'sent': {
      const { placement, note } = posted.value;
      return ended({ state: 'sent', placement, ...(note && { reason: note }), ...more(placement) });
    }
    case 'merged':
      return ended({ state: 'merged', placement: posted.placement, reason: posted.note });
    case 'parked':
      return ended({ state: 'parked', reason: posted.reason });
    case 'unseen':
      return posted;
    default:
      return failed(posted);
  }
}
