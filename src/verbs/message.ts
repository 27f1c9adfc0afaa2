/** Posting and updating, with a way out where Slack refuses a message's blocks: it goes as its text, with a note. */
import type { Placement } from '../core/delivery.ts';
import type { RenderedMessage } from '../core/message.ts';
import { type Outcome, type Reason, sent } from '../core/outcome.ts';
import { BLOCKS_REFUSED } from '../slack/codes.ts';
import type { Landing, Posting, SlackGateway } from '../slack/gateway.ts';

export interface SentMessage {
  readonly placement: Placement;
  /** It was a reply, and stands in the channel itself: its thread is gone. */
  readonly astray?: true;
  /** What a person should know although it was sent. */
  readonly note?: Reason;
}

export function postMessage(gateway: Pick<SlackGateway, 'post'>, posting: Posting): Promise<Outcome<SentMessage>> {
  return withTextFallback(posting.message, (message) => gateway.post({ ...posting, message }));
}

export function updateMessage(
  gateway: Pick<SlackGateway, 'update'>,
  placement: Placement,
  message: RenderedMessage,
): Promise<Outcome<SentMessage>> {
  return withTextFallback(message, (fitting) => gateway.update(placement, fitting));
}

async function withTextFallback(
  message: RenderedMessage,
  send: (message: RenderedMessage) => Promise<Outcome<Landing>>,
): Promise<Outcome<SentMessage>> {
  const outcome = await send(message);
  if (outcome.kind === 'sent') return sent(landed(outcome.value));
  const { text, summary, blocks, blocksOnly } = message;
  if (outcome.kind !== 'refused' || !BLOCKS_REFUSED.has(outcome.reason.code)) return outcome;
  if (blocks === undefined || blocksOnly === true) return outcome;
  const plain = await send({ text, summary });
  if (plain.kind !== 'sent') return plain;
  const detail = `Sent as text, because Slack refused its blocks: ${outcome.reason.detail}`;
  return sent({ ...landed(plain.value), note: { code: outcome.reason.code, detail } });
}

export function landed({ astray, ...placement }: Landing): SentMessage {
  return { placement, ...(astray && { astray }) };
}
