/** The admin listener: for the operator and the commands, on loopback or behind a token. Never for the internet. */
import { createServer, type Server } from 'node:http';
import Koa, { type Middleware } from 'koa';
import { JournalError } from '../journal/errors.ts';
import { type ApiParts, api } from './api.ts';
import { fail } from './errors.ts';
import { type GuardParts, guard } from './guard.ts';

/** For a request to arrive; its answer may take as long as it needs. */
const REQUEST_TIMEOUT_MS = 15_000;

export interface AdminParts extends ApiParts, GuardParts {}

/** A server that is not listening yet. */
export function createAdminServer(parts: AdminParts): Server {
  const app = new Koa();
  const routes = api(parts);
  app.use(answering(parts));
  app.use(guard(parts));
  app.use(routes.routes());
  app.use((context) => {
    const methods = routes.match(context.path, context.method).path.flatMap((layer) => layer.methods);
    if (methods.length === 0) return fail(context, 'unknown-path');
    context.set('allow', [...new Set(methods)].join(', '));
    fail(context, 'method-not-allowed');
  });
  // What is left here is said about sockets that are gone.
  app.on('error', () => undefined);
  return createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, app.callback());
}

/** Turns whatever goes wrong into an answer, which nobody keeps and no browser takes for anything else. */
function answering({ log }: Pick<AdminParts, 'log'>): Middleware {
  return async (context, next) => {
    context.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    try {
      await next();
    } catch (error) {
      const journal = error instanceof JournalError;
      log.error({ err: error }, journal ? 'journal' : 'admin request failed');
      fail(context, journal ? 'unavailable' : 'internal');
    }
  };
}
