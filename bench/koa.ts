/**
 * What one would write in an hour: `koa.ts PORT SECRET [SLACK_API_URL]`. Koa, @koa/router, raw-body and
 * standardwebhooks. With Slack's address it awaits `chat.postMessage` of a default client before it answers; without
 * it answers at once. Keeps nothing.
 */
import Router from '@koa/router';
import { WebClient } from '@slack/web-api';
import Koa from 'koa';
import rawBody from 'raw-body';
import { Webhook } from 'standardwebhooks';
import { type CallEvent, channelOf, messageOf } from './events.ts';

const [, , port = '', secret = '', slackApiUrl] = process.argv;
const webhook = new Webhook(secret);
const slack = slackApiUrl === undefined ? null : new WebClient('xoxb-bench', { slackApiUrl });

const router = new Router();
router.post('/webhooks/bench', async (context) => {
  const body = await rawBody(context.req, { limit: '256kb', length: context.req.headers['content-length'] ?? null });
  webhook.verify(body, {
    'webhook-id': context.get('webhook-id'),
    'webhook-timestamp': context.get('webhook-timestamp'),
    'webhook-signature': context.get('webhook-signature'),
  });
  const event: CallEvent = JSON.parse(body.toString('utf8'));
  await slack?.chat.postMessage({ channel: channelOf(event), text: messageOf(event) });
  context.body = {};
});

new Koa().use(router.routes()).listen(Number(port), '127.0.0.1');
