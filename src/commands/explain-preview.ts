/** Posting what a dry run rendered, to look at it in Slack: marked as a preview, never in the place of the real one. */
import { randomUUID } from 'node:crypto';
import { RelayError } from '../core/errors.ts';
import type { RenderedMessage } from '../core/message.ts';
import { type Failure, type Outcome, refused } from '../core/outcome.ts';
import type { DryRun } from '../dry-run/dry-run.ts';
import { whereText } from '../dry-run/wording.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import { createLazyGateway } from '../slack/lazy-gateway.ts';
import { escapeMrkdwn } from '../slack-format/escape.ts';
import { printable } from './delivery-table.ts';
import type { OfflineConfig } from './test-config.ts';

/** Slack takes 50; one is the preview's own. */
const BLOCKS_BESIDE_HEAD = 49;

const WHERE_HELP =
  '--send-to needs "#channel" (in quotes), a channel\'s id, an e-mail address as in @maria@example.com, or a Slack user id.';

/** False where one did not arrive; what became of each is printed. Throws a RelayError where there is no token. */
export async function sendPreviews(
  runs: readonly DryRun[],
  where: string,
  { config, standIns }: OfflineConfig,
): Promise<boolean> {
  const { token, apiUrl } = config.slack;
  if (token === null || token.reveal() === '' || standIns.has(token.reveal())) {
    throw new RelayError(
      'usage',
      '--send-to really posts, so it needs slack.token: the Bot User OAuth Token (xoxb-…).',
    );
  }
  const to = placeOf(where);
  const previews = runs.flatMap(({ routes }) =>
    routes.flatMap(({ deliveries }) =>
      deliveries.flatMap((one) => (one.message === null ? [] : [{ ...one, message: one.message }])),
    ),
  );
  const gateway = createLazyGateway({ token, apiUrl, timeoutMs: config.delivery.timeoutMs });
  try {
    const channel = previews.length === 0 ? null : await conversation(to, gateway);
    let all = true;
    for (const { route, target, message } of previews) {
      const about = `Preview by alo-relay explain: ${whereText(target)}, by "${route}"`;
      const posting = { message: marked(message, about), deliveryId: `preview.${randomUUID()}` };
      const outcome =
        channel?.kind === 'sent' ? await gateway.post({ ...posting, channel: channel.value }) : (channel ?? NOBODY);
      all &&= outcome.kind === 'sent';
      process.stderr.write(`${told(outcome, printable(`"${route}"`), where)}\n`);
    }
    if (previews.length === 0) process.stderr.write('No message, so no preview.\n');
    return all;
  } finally {
    await gateway.close();
  }
}

type Place = { readonly channel: string } | { readonly email: string } | { readonly user: string };

function placeOf(where: string): Place {
  const name = where.trim();
  if (name === '@me') {
    throw new RelayError(
      'usage',
      'Slack does not tell an app who you are: name your e-mail address, as in @you@example.com.',
    );
  }
  if (/^@?[^\s@#]+@[^\s@]+$/.test(name)) return { email: name.replace(/^@/, '') };
  if (/^@?[UW][A-Z0-9]{6,}$/.test(name)) return { user: name.replace(/^@/, '') };
  if (/^(#[^\s#@,]{1,80}|[CGD][A-Z0-9]{6,})$/.test(name)) return { channel: name };
  throw new RelayError('usage', WHERE_HELP);
}

const NOBODY: Failure = refused('destination', 'no_slack_user', 'Nobody in Slack has that e-mail address.');

async function conversation(to: Place, gateway: SlackGateway): Promise<Outcome<string>> {
  if ('channel' in to) return { kind: 'sent', value: to.channel };
  const user = 'user' in to ? ({ kind: 'sent', value: to.user } as const) : await gateway.lookupByEmail(to.email);
  if (user.kind !== 'sent') return user;
  return user.value === null ? NOBODY : gateway.openDm(user.value);
}

function marked({ text, summary, blocks }: RenderedMessage, about: string): RenderedMessage {
  const note = `_${escapeMrkdwn(about)}_`;
  const head = { type: 'context', elements: [{ type: 'mrkdwn', text: note }] };
  return {
    text: `${note}\n${text}`,
    summary: `Preview: ${summary}`,
    ...(blocks !== undefined && { blocks: [head, ...blocks.slice(0, BLOCKS_BESIDE_HEAD)] }),
  };
}

function told(outcome: Outcome<unknown>, route: string, where: string): string {
  return outcome.kind === 'sent'
    ? `✓ preview of ${route} posted to ${printable(where)}`
    : `✗ preview of ${route}: ${outcome.reason.detail} (${outcome.reason.code})`;
}
