/** The public listener: webhooks and health, and nothing else. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import { clientAddress } from '../core/client-address.ts';
import { systemClock } from '../core/clock.ts';
import { createServer } from '../core/http-server.ts';
import { JournalError } from '../journal/errors.ts';
import { BoundedLog } from './bounded-log.ts';
import { boundConnections } from './connections.ts';
import type { Readiness } from './readiness.ts';
import { fail, type ReceiveParts, receive } from './receive.ts';

/** A sender has this long for a whole request; Allo gives up after 20 s anyway. */
const REQUEST_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
const CHECK_TIMEOUTS_EVERY_MS = 1_000;

export interface ServerParts extends ReceiveParts {
  readonly readiness: () => Promise<Readiness>;
  readonly stopping: () => boolean;
  /** Connections at once; further ones are closed as they come. */
  readonly maxConnections: number;
  /** Overrides the time a request may take, in ms. */
  readonly requestTimeoutMs?: number;
}

/** A server that is not listening yet. */
export function createPublicServer(parts: ServerParts): Server {
  const app = new Koa();
  const router = new Router();
  router.post('/webhooks/:source', receive(parts));
  router.all('/webhooks/:source', (context) => {
    context.set('allow', 'POST');
    fail(context, 'method-not-allowed');
  });
  router.get('/healthz', (context) => {
    context.body = { status: 'ok' };
  });
  router.get('/readyz', async (context) => {
    const { ready, checks } = await parts.readiness();
    context.status = ready ? 200 : 503;
    context.body = { status: ready ? 'ready' : 'not ready', checks };
  });
  // For load balancers: an instance whose journal works accepts webhooks, whatever the other checks say.
  router.get('/readyz/:check', async (context) => {
    const { checks } = await parts.readiness();
    const [, check] = Object.entries(checks).find(([name]) => name === context.params.check) ?? [];
    if (check === undefined) return fail(context, 'unknown-path');
    context.status = check.ok ? 200 : 503;
    context.body = check;
  });
  const bounded = new BoundedLog(parts.log, parts.clock ?? systemClock);
  app.use(guard(parts, bounded));
  app.use(router.routes());
  app.use((context) => fail(context, 'unknown-path'));
  // The guard answers for every error in the stack: what is left are connections that broke or sent no HTTP.
  app.on('error', (error: Error, context?: Context) => {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    const from =
      context === undefined
        ? { client: 'unknown' }
        : { client: clientAddress(context.req, parts.trustsProxy), bytes: context.req.socket.bytesRead };
    bounded.warn({ message: 'connection broken' }, { code, ...from });
  });
  const server = createServer(
    {
      requestTimeout: parts.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      headersTimeout: Math.min(parts.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, HEADERS_TIMEOUT_MS),
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_TIMEOUTS_EVERY_MS,
    },
    app.callback(),
  );
  boundConnections(server, parts.maxConnections);
  return server;
}

/** Names the request, refuses it while stopping, and turns whatever goes wrong into an answer the sender retries. */
function guard({ stopping, trustsProxy }: ServerParts, log: BoundedLog): Middleware {
  return async (context, next) => {
    const requestId = requestIdOf(context.get('request-id') || context.get('x-request-id'));
    context.state.requestId = requestId;
    context.set('request-id', requestId);
    if (stopping()) {
      context.set('connection', 'close');
      return fail(context, 'stopping');
    }
    try {
      await next();
    } catch (error) {
      const request = { client: clientAddress(context.req, trustsProxy), request_id: requestId };
      if (error instanceof JournalError) {
        // Expected while the journal is away, and once per webhook: no stack.
        log.error({ message: 'journal' }, { code: error.code, detail: error.message, ...request });
        return fail(context, 'unavailable');
      }
      log.error({ message: 'request failed' }, { code: 'internal', ...request, err: error });
      fail(context, 'internal');
    }
  };
}

/** The sender's own id where it is fit for a log, else a new one. */
function requestIdOf(given: string): string {
  return /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
}
