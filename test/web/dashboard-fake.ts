/** The admin listener as the dashboard sees it, with made-up data: 100,000 events, some of them hostile. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Role } from '../../src/core/actor.ts';
import { builtFile, SECURITY_HEADERS } from '../../src/core/built-pages.ts';
import { frame } from '../../src/core/event-streams.ts';
import type { ActivityBatch } from '../../src/history/live-view.ts';
import { BUILT_PAGES } from '../helpers/built-pages.ts';
import { until } from '../helpers/until.ts';
import { dataAt } from './dashboard-data/answers.ts';
import { replay } from './dashboard-data/deliveries.ts';
import { overview } from './dashboard-data/health.ts';
import type { Scenario } from './dashboard-data/scenario.ts';

export interface Fake {
  readonly url: string;
  scenario: Scenario;
  /** Null: nobody is asked. */
  token: string | null;
  /** Of whoever is signed in. */
  role: Role;
  /** What the next replay or dismissal is answered with instead. */
  replayFault: string | null;
  /** Bodies of POST /api/replay. */
  readonly replays: Record<string, unknown>[];
  /** Bodies of POST /api/dismiss. */
  readonly dismissals: Record<string, unknown>[];
  /** Paths asked for, with their queries. */
  readonly asked: string[];
  /** Tells it to all that follow, once somebody does. */
  push(batch: ActivityBatch): Promise<void>;
  /** The same with the health of that scenario. */
  pushOverview(scenario: Scenario): Promise<void>;
  close(): Promise<void>;
}

/** Its pages are the built ones, under the policy of the real listener. */
export async function startFake(): Promise<Fake> {
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
      return json(response, replay(body));
    }
    if (url.pathname === '/api/dismiss') {
      fake.dismissals.push(body);
      if (fake.replayFault !== null) return fault(response, 503, fake.replayFault);
      return json(response, { dry_run: false, dismissed: body.ids.length, skipped: [], unknown_ids: [] });
    }
    const found = dataAt(url, fake);
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

  async function send(event: string, data: unknown): Promise<void> {
    await until(() => streams.size > 0);
    for (const stream of streams) stream.write(frame(event, data));
  }

  async function page(path: string, response: ServerResponse): Promise<void> {
    const file = await builtFile(BUILT_PAGES, path === '/' ? 'dashboard.html' : path.slice(1));
    if (file === null) response.writeHead(404).end();
    else response.writeHead(200, { ...SECURITY_HEADERS, ...file.headers }).end(file.body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: Fake = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    scenario: 'busy',
    token: null,
    role: 'operator',
    replayFault: null,
    replays: [],
    dismissals: [],
    asked: [],
    push: (batch) => send('activity', batch),
    pushOverview: (scenario) => send('overview', overview(scenario)),
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
