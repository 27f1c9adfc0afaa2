/**
 * The sandbox: a Slack workspace for demos without an account and for tests.
 *
 *   /api/<method>   the Slack Web API        api.ts
 *   /_sandbox/…     state, faults, events    control.ts, live.ts, panel.ts
 *   /archives/…     links to messages        permalinks.ts
 *   /               the page                 built-pages.ts
 */
import type { Server } from 'node:http';
import Koa, { type Middleware } from 'koa';
import { type BuiltFolder, builtFolder } from '../core/built-files.ts';
import { builtPages, SECURITY_HEADERS } from '../core/built-pages.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { RelayError } from '../core/errors.ts';
import { createServer } from '../core/http-server.ts';
import { listenerUrl } from '../core/listener-url.ts';
import { Api } from './api.ts';
import { type ControlOptions, control } from './control.ts';
import { guard } from './guard.ts';
import { LiveFeed } from './live.ts';
import { Faults } from './panel/faults.ts';
import { Panel } from './panel/panel.ts';
import type { SampleEvents } from './panel/sample-events.ts';
import { placeOnPage } from './permalinks.ts';
import { json, send } from './responses.ts';
import { ALL_SCOPES } from './scopes.ts';
import { type Limits, SLACK_LIMITS, Throttle } from './throttle.ts';
import { Workspace } from './workspace.ts';

export interface SandboxOptions {
  /** 127.0.0.1 without it. */
  readonly host?: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly clock?: Clock;
  /** For `chat.postMessage`; null: unthrottled. One a second per channel, three at once, without it. */
  readonly limits?: Limits | null;
  /** The newest messages that each conversation keeps; 5,000 without it. */
  readonly keptPerConversation?: number;
  /** What the app may do; everything without it. */
  readonly scopes?: readonly string[];
  /** Where the built page is. */
  readonly staticDir?: BuiltFolder;
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
  readonly staticDir: BuiltFolder;
  readonly clock: Clock;
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
  const staticDir = options.staticDir ?? builtFolder('web');
  const app = createApp({ api, live, control: controlOptions, host, staticDir, clock });

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app.callback());
  const boundPort = await listen(server, host, port);
  const url = `${listenerUrl({ host, port: boundPort })}/`;
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

function createApp({ api, live, control: options, host, staticDir, clock }: Parts): Koa {
  const app = new Koa();
  app.use(answering(clock));
  app.use((context, next) => {
    if (!context.path.startsWith('/api/')) return next();
    context.respond = false;
    return api.handle(context.path.slice('/api/'.length), context.req, context.res);
  });
  app.use((context, next) => {
    context.set(SECURITY_HEADERS);
    return next();
  });
  app.use(guard(host));
  app.use(async (context, next) => {
    if (context.path !== '/_sandbox/events') return next();
    context.respond = false;
    live.connect(context.res);
  });
  app.use(control(options).routes());
  app.use(builtPages(staticDir, { '/': 'index.html' }));
  app.use((context) => {
    const place = placeOnPage(context.URL);
    if (place !== null) return context.redirect(place);
    context.status = 404;
    context.body = { error: 'There is nothing here.' };
  });
  // What is left here is said about sockets that are gone.
  app.on('error', () => undefined);
  return app;
}

function answering(clock: Clock): Middleware {
  return async (context, next) => {
    // By its own clock, as its messages: who asks learns from it how far off theirs is.
    context.set('date', new Date(clock.now()).toUTCString());
    try {
      await next();
    } catch {
      // The connection broke while its request was read, or an error of our own: there is nobody or nothing to answer.
      context.respond = false;
      if (context.headerSent || context.res.destroyed) context.res.destroy();
      else send(context.res, json({ ok: false, error: 'internal_error' }, 500));
    }
  };
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
