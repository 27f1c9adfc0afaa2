/**
 * The receiver one writes in an hour: `koa.ts PORT SECRET`. Koa, @koa/router, raw-body and standardwebhooks; verifies,
 * parses, answers 200. Keeps nothing.
 */
import Router from '@koa/router';
import Koa from 'koa';
import rawBody from 'raw-body';
import { Webhook } from 'standardwebhooks';

const [, , port = '', secret = ''] = process.argv;
const webhook = new Webhook(secret);

const router = new Router();
router.post('/webhooks/bench', async (context) => {
  const body = await rawBody(context.req, { limit: '256kb', length: context.req.headers['content-length'] ?? null });
  webhook.verify(body, {
    'webhook-id': context.get('webhook-id'),
    'webhook-timestamp': context.get('webhook-timestamp'),
    'webhook-signature': context.get('webhook-signature'),
  });
  JSON.parse(body.toString('utf8'));
  context.body = {};
});

new Koa().use(router.routes()).listen(Number(port), '127.0.0.1');
