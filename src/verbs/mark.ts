/** What is put on a card without a text: done once, however often it is asked for. */
import type { RelayEvent } from '../core/event.ts';
import { refused } from '../core/outcome.ts';
import type { CardMark } from '../slack/gateway.ts';
import { escapeMrkdwn } from '../slack-format/escape.ts';
import { cardKey } from './sending.ts';
import { type Delivered, type DeliverParts, ended, failed, type Work } from './verb.ts';

/** Refused where there is no card yet: a mark needs one to stand on. `doing`: what it does to it, "to react to". */
export async function markCard(
  mark: CardMark,
  { channel, doing }: { readonly channel: string; readonly doing: string },
  { work, parts }: { readonly work: Work; readonly parts: DeliverParts },
): Promise<Delivered> {
  const key = cardKey(work.event, channel);
  const card = key === null ? null : await parts.journal.card(key);
  if (card === null) {
    const detail = `There is no card ${doing}: a route with \`card\` for the same channel must come first.`;
    return failed(refused('destination', 'no_card', detail));
  }
  const outcome = await parts.gateway.mark(card.placement, mark);
  return outcome.kind === 'sent' ? ended({ state: 'sent', placement: outcome.value }) : failed(outcome);
}

/** Of a digest: what is marked, behind a sign. */
export function markLine(sign: string, { action, subject, topic }: RelayEvent): string {
  return `${sign} ${escapeMrkdwn(action.title ?? subject ?? topic)}`;
}
