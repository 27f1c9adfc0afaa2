/** The admin listener: for the operator and the commands, on loopback or behind a token. Never for the internet. */
import type { Server } from 'node:http';
import Koa, { type Context, type Middleware } from 'koa';
import { type BuiltFolder, builtFolder } from '../core/built-files.ts';
import { builtPages, SECURITY_HEADERS } from '../core/built-pages.ts';
import { createServer } from '../core/http-server.ts';
import { JournalError } from '../journal/errors.ts';
import { type ApiParts, api } from './api.ts';
import { fail } from './errors.ts';
import { createGuard, type GuardParts } from './guard.ts';
import { sessionApi } from './session-api.ts';

/** For a request to arrive; its answer may take as long as it needs. */
const REQUEST_TIMEOUT_MS = 15_000;

const PAGES = { '/': 'dashboard.html', '/playground': 'playground.html' };

export interface AdminParts extends ApiParts, GuardParts {
  /** Where the built pages are. */
  readonly pagesFolder?: BuiltFolder;
  /** What `/metrics` answers; left out: there are none. */
  readonly metrics?: { render(): Promise<{ readonly contentType: string; readonly body: string }> };
}

/** A server that is not listening yet. */
export function createAdminServer(parts: AdminParts): Server {
  // Of `proxy`, X-Forwarded-Proto alone is used here (cookie.ts). To say so falsely takes a request of one's own.
  const app = new Koa({ proxy: true });
  const guard = createGuard(parts);
  const sessions = sessionApi(guard);
  const routes = api(parts);
  app.use(answering(parts));
  app.use(guard.keepOut);
  app.use(builtPages(parts.pagesFolder ?? builtFolder('web'), PAGES));
  app.use(sessions.routes());
  app.use(guard.admit);
  app.use(metrics(parts));
  app.use(routes.routes());
  app.use((context) => {
    const layers = [sessions, routes].flatMap((router) => router.match(context.path, context.method).path);
    refuse(context, [...new Set(layers.flatMap(({ methods }) => methods))]);
  });
  // What is left here is said about sockets that are gone.
  app.on('error', () => undefined);
  return createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, app.callback());
}

/** `methods`: those that the path takes. */
function refuse(context: Context, methods: readonly string[]): void {
  if (methods.length > 0) context.set('allow', methods.join(', '));
  fail(context, methods.length > 0 ? 'method-not-allowed' : 'unknown-path');
}

function metrics({ metrics: told }: Pick<AdminParts, 'metrics'>): Middleware {
  return async (context, next) => {
    if (context.path !== '/metrics' || told === undefined) return next();
    if (context.method !== 'GET' && context.method !== 'HEAD') return refuse(context, ['HEAD', 'GET']);
    const { contentType, body } = await told.render();
    context.body = body;
    context.set('content-type', contentType);
  };
}

/** Turns whatever goes wrong into an answer, which nobody keeps and no browser takes for anything else. */
function answering({ log }: Pick<AdminParts, 'log'>): Middleware {
  return async (context, next) => {
    context.set({ 'cache-control': 'no-store', ...SECURITY_HEADERS });
    try {
      await next();
    } catch (error) {
      const journal = error instanceof JournalError;
      // Expected while the journal is away, and once per look of a page: no stack.
      if (journal) log.error({ code: error.code, detail: error.message }, 'journal');
      else log.error({ err: error }, 'admin request failed');
      fail(context, journal ? 'unavailable' : 'internal');
    }
  };
}
