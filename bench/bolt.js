/**
 * `bolt.js PORT [SECRET SLACK_API_URL]`: the smallest @slack/bolt app that listens. With a secret it is also the relay one
 * writes with it: verifies a webhook, awaits `chat.postMessage`, answers 200. Keeps nothing.
 *
 * Plain JavaScript, so that its start-up holds no type stripping, as that of dist/ does not.
 */
import { App, LogLevel } from '@slack/bolt';

const [, , port, secret, slackApiUrl] = process.argv;
const app = new App({
  token: 'xoxb-bench',
  signingSecret: 'bench',
  tokenVerificationEnabled: false,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl },
  customRoutes: secret === undefined ? [] : [{ path: '/webhooks/bench', method: ['POST'], handler: await relay() }],
});
await app.start({ port: Number(port), host: '127.0.0.1' });

async function relay() {
  const { default: rawBody } = await import('raw-body');
  const { Webhook } = await import('standardwebhooks');
  const { channelOf, messageOf } = await import('./events.ts');
  const webhook = new Webhook(secret);
  return async (request, response) => {
    const body = await rawBody(request, { limit: '256kb', length: request.headers['content-length'] });
    webhook.verify(body, request.headers);
    const event = JSON.parse(body.toString('utf8'));
    await app.client.chat.postMessage({ channel: channelOf(event), text: messageOf(event) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 }).end('{}');
  };
}
