/**
 * The least a receiver of Standard Webhooks can do: `bare.ts PORT SECRET`. node:http, node:crypto's HMAC, the body
 * parsed, 200. Keeps nothing.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

const [, , port = '', secret = ''] = process.argv;
const key = createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64'));

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const good = isSigned(request, body);
    if (good) JSON.parse(body.toString('utf8'));
    response.statusCode = good ? 200 : 401;
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
}).listen(Number(port), '127.0.0.1');

function isSigned({ headers }: IncomingMessage, body: Buffer): boolean {
  const timestamp = Number(headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - timestamp) <= 300)) return false;
  const mac = createHmac('sha256', key).update(`${headers['webhook-id']}.${timestamp}.`).update(body).digest();
  const given = Buffer.from(String(headers['webhook-signature']).slice('v1,'.length), 'base64');
  return given.length === mac.length && timingSafeEqual(given, mac);
}
