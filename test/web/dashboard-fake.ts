/** The admin listener as the dashboard sees it, with made-up data: 100,000 events, some of them hostile. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { ActivityBatch } from '../../src/relay/live-view.ts';
import { DATA, type Scenario } from './dashboard-data.ts';

/** What a browser is allowed to do with the page, as the real listener says. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

export interface Fake {
  readonly url: string;
  scenario: Scenario;
  /** Null: nobody is asked. */
  token: string | null;
  /** What the next replay is answered with instead. */
  replayFault: string | null;
  /** Bodies of POST /api/replay. */
  readonly replays: Record<string, unknown>[];
  /** Paths asked for, with their queries. */
  readonly asked: string[];
  push(batch: ActivityBatch): void;
  close(): Promise<void>;
}

/** Serves the pages of `folder` at `/`. */
export async function startFake(folder: string): Promise<Fake> {
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const signedIn = new Set<string>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    if (!url.pathname.startsWith('/api/')) return page(url.pathname, response);
    fake.asked.push(url.pathname + url.search);
    const body = request.method === 'POST' ? JSON.parse(await textOf(request)) : null;
    if (url.pathname === '/api/session' && request.method === 'DELETE') {
      signedIn.clear();
      return json(response, {});
    }
    if (url.pathname === '/api/session') {
      if (body.token !== fake.token) return fault(response, 401, 'That is not the token.');
      signedIn.add('yes');
      return json(response, {});
    }
    if (fake.token !== null && signedIn.size === 0) return fault(response, 401, 'The token is needed.');
    if (url.pathname === '/api/live') return live(response);
    if (url.pathname === '/api/replay') {
      fake.replays.push(body);
      if (fake.replayFault !== null) return fault(response, 503, fake.replayFault);
      return json(response, DATA.replay(body));
    }
    const found = DATA.get(fake.scenario, url, fake.token !== null);
    if (found === null)
      return fault(response, 404, 'No event of that id or number is known: it never came, or it was pruned.');
    json(response, found);
  }

  function live(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  async function page(path: string, response: ServerResponse): Promise<void> {
    const file = join(folder, path === '/' ? 'dashboard.html' : path);
    const content = await readFile(file).catch(() => null);
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    if (content === null) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(content);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: Fake = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    scenario: 'busy',
    token: null,
    replayFault: null,
    replays: [],
    asked: [],
    push(batch) {
      for (const stream of streams) stream.write(`event: activity\ndata: ${JSON.stringify(batch)}\n\n`);
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fault(response: ServerResponse, status: number, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { code: 'x', message } }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
