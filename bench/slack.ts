/**
 * Slack, a process of its own: `slack.ts stub|troubled|sandbox|paced`. The stub takes every message at once and costs
 * little; troubled is the same with three channels that are slow, archived and limited; the sandbox is the project's
 * own, unthrottled, or paced as Slack is. All write down which message came when, and answer SlackQuestions.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from './clock.ts';
import { TROUBLED } from './events.ts';
import { answer } from './processes.ts';

export const SLACK_KINDS = ['stub', 'troubled', 'sandbox', 'paced'] as const;
export type SlackKind = (typeof SLACK_KINDS)[number];

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

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: object;
}

type Take = (channel: string, message: string, at: number) => Reply | Promise<Reply>;

async function startStub(take: Take): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const { status, headers, answer } = await call(request, take);
    const body = JSON.stringify(answer);
    const length = Buffer.byteLength(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return `http://127.0.0.1:${address.port}/api/`;
}

async function call(request: IncomingMessage, take: Take): Promise<Reply> {
  const at = now();
  const fields = new URLSearchParams(await text(request));
  if (!request.url?.endsWith('/chat.postMessage')) {
    return { status: 200, answer: { ok: true, team: 'Bench', user: 'bench' } };
  }
  return take(fields.get('channel') ?? '', fields.get('text') ?? '', at);
}

const taken: Take = (channel, message, at) => {
  record({ channel, message, at });
  const ts = `1700000000.${String(arrivals.length).padStart(6, '0')}`;
  return { status: 200, answer: { ok: true, channel: 'C0BENCH000', ts } };
};

const SLOW_MS = 3_000;

/** What becomes of a message in the channels that are in trouble; they are not written down. */
const TROUBLE: Readonly<Record<string, () => Reply | Promise<Reply>>> = {
  [TROUBLED[0]]: () => sleep(SLOW_MS, { status: 200, answer: { ok: true, channel: 'C0BENCH001', ts: '1.000001' } }),
  [TROUBLED[1]]: () => ({ status: 200, answer: { ok: false, error: 'is_archived' } }),
  [TROUBLED[2]]: () => ({ status: 429, headers: { 'retry-after': '1' }, answer: {} }),
};

const troubled: Take = (channel, message, at) => TROUBLE[channel]?.() ?? taken(channel, message, at);

async function startSandboxProcess(paced: boolean): Promise<string> {
  const { startSandbox } = await import('../src/sandbox/server.ts');
  const { apiUrl, workspace } = await startSandbox(paced ? { port: 0 } : { port: 0, limits: null });
  workspace.onChange((conversation) => {
    const message = conversation?.timeline.at(-1);
    // A conversation changes when it is made, too.
    if (message === undefined) return;
    const where = { channel: `#${conversation?.name}`, at: now() };
    const lines = JSON.stringify(message.blocks ?? []).match(/(?<=• )\d+ \w+/g);
    for (const line of lines ?? [message.text]) record({ ...where, message: line });
  });
  return apiUrl;
}

const STARTS: Readonly<Record<SlackKind, () => Promise<string>>> = {
  stub: () => startStub(taken),
  troubled: () => startStub(troubled),
  sandbox: () => startSandboxProcess(false),
  paced: () => startSandboxProcess(true),
};

const kind = SLACK_KINDS.find((name) => name === process.argv[2]);
if (kind === undefined) throw new Error(`Which Slack? One of ${SLACK_KINDS.join(', ')}.`);
const address = STARTS[kind]();

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
