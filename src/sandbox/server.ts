/**
 * The sandbox: a Slack workspace behind `node:http`, for demos without an account and for tests.
 *
 *   /api/<method>   the Slack Web API        api.ts
 *   /_sandbox/…     state, faults, events    control.ts, live.ts, panel.ts
 *   /archives/…     links to messages        permalinks.ts
 *   /               the page                 page.ts
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { builtPagesFolder, SECURITY_HEADERS } from '../core/built-pages.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { RelayError } from '../core/errors.ts';
import { Api } from './api.ts';
import { type ControlOptions, control } from './control.ts';
import { isLocal, objection } from './guard.ts';
import { LiveFeed } from './live.ts';
import { pageFile } from './page.ts';
import { Faults } from './panel/faults.ts';
import { Panel } from './panel/panel.ts';
import type { SampleEvents } from './panel/sample-events.ts';
import { followPermalink } from './permalinks.ts';
import { json, type SandboxResponse, send } from './responses.ts';
import { ALL_SCOPES } from './scopes.ts';
import { type Limits, SLACK_LIMITS, Throttle } from './throttle.ts';
import { Workspace } from './workspace.ts';

export interface SandboxOptions {
  /** 127.0.0.1 without it. */
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
  readonly clock?: Clock;
  /** For `chat.postMessage`; null: unthrottled. One a second per channel, three at once, without it. */
  readonly limits?: Limits | null;
  /** The newest messages that each conversation keeps; 5,000 without it. */
  readonly keptPerConversation?: number;
  /** What the app may do; everything without it. */
  readonly scopes?: readonly string[];
  /** Where the built page is. */
  readonly staticDir?: string;
  /** The command that the empty page tells the reader to try. */
  readonly hint?: string;
}

export interface Sandbox {
  /** The page. */
  readonly url: string;
  /** For `slackApiUrl`; ends with a slash. */
  readonly apiUrl: string;
  readonly workspace: Workspace;
  readonly faults: Faults;
  /** How often each Web API method was called, faults included. */
  readonly calls: Readonly<Record<string, number>>;
  /** Gives the page the buttons that send events, and the figures of the relay: it has neither before. */
  attach(samples: SampleEvents): void;
  /** Ends every connection, open event streams and hanging calls included. May be called again. */
  close(): Promise<void>;
}

interface Parts {
  readonly api: Api;
  readonly live: LiveFeed;
  readonly control: ControlOptions;
  readonly host: string;
  readonly staticDir: string;
}

/** Clients reuse connections for a while; closing them under their hands would look like a fault. */
const KEEP_ALIVE_MS = 60_000;

/** Rejects with a message for people when the address cannot be listened on. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = '127.0.0.1', port, clock = systemClock, limits = SLACK_LIMITS, hint = null } = options;
  const workspace = new Workspace(clock, options.keptPerConversation);
  const faults = new Faults();
  const throttle = limits === null ? null : new Throttle(limits, clock);
  const scopes = new Set(options.scopes ?? ALL_SCOPES);
  const api = new Api({ workspace, faults, clock, throttle, scopes });
  const live = new LiveFeed(workspace, clock);
  const panel = new Panel({ workspace, faults, live, clock });
  const controlOptions = { workspace, faults, panel, calls: () => api.calls, hint };
  const staticDir = options.staticDir ?? builtPagesFolder();
  const parts: Parts = { api, live, control: controlOptions, host, staticDir };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    // By its own clock, as its messages: who asks learns from it how far off theirs is.
    response.setHeader('date', new Date(clock.now()).toUTCString());
    route(parts, request, response).catch(() => fail(response));
  });
  const boundPort = await listen(server, host, port);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}/`;
  workspace.url = url;
  let closed: Promise<void> | undefined;
  return {
    url,
    apiUrl: `${url}api/`,
    workspace,
    faults,
    get calls() {
      return api.calls;
    },
    attach: (samples) => panel.attach(samples),
    close() {
      closed ??= new Promise((resolve) => {
        panel.close();
        live.close();
        api.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  if (path.startsWith('/api/')) return parts.api.handle(methodName(path), request, response);
  const refusal = objection(request.headers, parts.host);
  const url = URL.parse(`http://sandbox${path}`);
  if (refusal !== null) send(response, json({ error: refusal }, 403));
  else if (url === null) send(response, json({ error: 'That is no address.' }, 400));
  else if (url.pathname === '/_sandbox/events') parts.live.connect(response);
  else send(response, await answer(parts, request, url));
}

async function answer(parts: Parts, request: IncomingMessage, url: URL): Promise<SandboxResponse> {
  if (url.pathname.startsWith('/_sandbox/')) {
    if (request.method !== 'GET' && !isLocal(request.socket.remoteAddress)) {
      return json({ error: 'The sandbox takes orders from its own machine only.' }, 403);
    }
    const controlled = await control(parts.control, request, url);
    return { ...controlled, headers: { ...SECURITY_HEADERS, ...controlled.headers } };
  }
  const file =
    request.method === 'GET' ? (followPermalink(url) ?? (await pageFile(parts.staticDir, url.pathname))) : undefined;
  return file ?? json({ error: 'There is nothing here.' }, 404);
}

function methodName(path: string): string {
  return path.slice('/api/'.length).replace(/\?.*$/s, '');
}

/** The connection broke while its request was read, or an error of our own: there is nobody or nothing to answer. */
function fail(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else send(response, json({ ok: false, error: 'internal_error' }, 500));
}

/** The port it got. */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, `${host}:${port}`)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function listenError({ code }: NodeJS.ErrnoException, where: string): RelayError {
  if (code === 'EADDRINUSE') return new RelayError('sandbox-port-in-use', where);
  return new RelayError('sandbox-cannot-listen', `${where} (${code ?? 'unknown error'})`);
}
