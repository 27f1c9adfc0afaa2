/**
 * Slack, a process of its own: `slack.ts stub|sandbox`. The stub takes every message at once and costs little; the
 * sandbox is the project's own, unthrottled. Both write down which message came when, and answer SlackQuestions.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { now } from './clock.ts';
import { answer } from './processes.ts';

export type SlackQuestion =
  | { readonly kind: 'address' }
  /** The arrivals, as soon as there are so many, or after that time. */
  | { readonly kind: 'arrivals'; readonly count: number; readonly withinMs: number };

export interface Arrival {
  /** The event's number and its call, as the message says. */
  readonly n: number;
  readonly call: string;
  /** With its `#`. */
  readonly channel: string;
  /** When the request began to arrive (stub) or the message was posted (sandbox); ms since the epoch. */
  readonly at: number;
}

const arrivals: Arrival[] = [];
let arrived = (): void => {};

function record(arrival: { channel: string; message: string; at: number }): void {
  const { channel, message, at } = arrival;
  const [n, call = ''] = message.split(' ', 2);
  arrivals.push({ n: Number(n), call, channel, at });
  arrived();
}

async function startStub(): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const body = JSON.stringify(await call(request));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return `http://127.0.0.1:${address.port}/api/`;
}

async function call(request: IncomingMessage): Promise<object> {
  const at = now();
  const fields = new URLSearchParams(await text(request));
  if (!request.url?.endsWith('/chat.postMessage')) return { ok: true, team: 'Bench', user: 'bench' };
  record({ channel: fields.get('channel') ?? '', message: fields.get('text') ?? '', at });
  return { ok: true, channel: 'C0BENCH000', ts: `1700000000.${String(arrivals.length).padStart(6, '0')}` };
}

async function startUnthrottledSandbox(): Promise<string> {
  const { startSandbox } = await import('../src/sandbox/server.ts');
  const { apiUrl, workspace } = await startSandbox({ port: 0, limits: null });
  workspace.onChange((conversation) => {
    const message = conversation?.timeline.at(-1);
    // A conversation changes when it is made, too.
    if (message !== undefined) record({ channel: `#${conversation?.name}`, message: message.text, at: now() });
  });
  return apiUrl;
}

const start = process.argv[2] === 'sandbox' ? startUnthrottledSandbox : startStub;
const address = start();

answer(async (question: SlackQuestion) => {
  if (question.kind === 'address') return address;
  const { count, withinMs } = question;
  await new Promise<void>((resolve) => {
    const timeUp = setTimeout(resolve, withinMs);
    arrived = () => {
      if (arrivals.length < count) return;
      clearTimeout(timeUp);
      resolve();
    };
    arrived();
  });
  return arrivals;
});
