/** Our end of the wire in these tests: the real client, closed when the test has ended. */
import { onTestFinished } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type ClosableGateway, createGateway, type GatewayOptions } from '../../src/slack/client.ts';
import type { CardMark, Posting } from '../../src/slack/gateway.ts';
import { type Answerer, type FarEnd, farEnd } from './far-end.ts';

export const TOKEN = 'xoxb-1234-the-token';
export const WORDS = 'Cancel the Meyer contract';
export const POSTING: Posting = {
  channel: '#alo-actions',
  message: { text: WORDS, summary: 'unused' },
  deliveryId: 'd-17',
};
export const TADA: CardMark = { method: 'reactions.add', args: { name: 'tada' }, already: 'already_reacted' };
export const PLACEMENT = { channel: 'C0AAA', ts: '1700000000.000100' };

export function gatewayAt(apiUrl: string, options: Partial<GatewayOptions> = {}): ClosableGateway {
  const gateway = createGateway({ token: new Secret(TOKEN), apiUrl, timeoutMs: 10_000, ...options });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** A Slack that answers so, and the client at it. */
export async function slackThat(
  answers: Answerer,
  options: Partial<GatewayOptions> = {},
): Promise<{ end: FarEnd; gateway: ClosableGateway }> {
  const end = await farEnd(answers);
  return { end, gateway: gatewayAt(end.url, options) };
}
