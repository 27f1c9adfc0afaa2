/** `/api/…`: what became of every event, and sending again. */
import Router from '@koa/router';
import type { Context } from 'koa';
import rawBody from 'raw-body';
import type { Logger } from '../core/log.ts';
import { VERSION } from '../core/version.ts';
import type { Tally } from '../journal/journal.ts';
import type { Accounts } from '../relay/accounts.ts';
import { fail } from './errors.ts';
import { deliveriesQuery, described, replayBody } from './requests.ts';

const BODY_LIMIT_BYTES = 256 * 1024;

export interface ApiParts {
  readonly accounts: Accounts;
  /** The journal's file, or its database without secrets: what a command beside the service knows it by. */
  readonly journal: string;
  readonly tally: () => Promise<Tally>;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

export function api(parts: ApiParts): Router {
  const { accounts, journal, tally } = parts;
  const router = new Router({ prefix: '/api' });

  router.get('/status', async (context) => {
    context.body = { service: 'alo-relay', version: VERSION, journal, deliveries: await tally() };
  });

  router.get('/deliveries', async (context) => {
    const query = deliveriesQuery.safeParse({ ...context.query });
    if (!query.success) return fail(context, 'bad-request', described(query.error));
    const { state: states, seq: numbers, ...rest } = query.data;
    context.body = await accounts.deliveries({ states, numbers, ...rest });
  });

  router.get('/events/:id', async (context) => {
    const events = await accounts.events(context.params.id ?? '');
    if (events.length === 0) return fail(context, 'unknown-event');
    context.body = { events };
  });

  router.get('/events/:id/content', async (context) => {
    const events = await accounts.stored(context.params.id ?? '');
    if (events.length === 0) return fail(context, 'unknown-event');
    context.body = { events };
  });

  router.post('/replay', async (context) => replay(context, parts));
  return router;
}

async function replay(context: Context, { accounts, log }: ApiParts): Promise<void> {
  // A form cannot send this type, so no other site can without asking first.
  if (context.request.type !== 'application/json') return fail(context, 'not-json');
  const text = await readBody(context);
  if (text === null) return fail(context, 'body-too-large');
  const body = replayBody.safeParse(parsed(text));
  if (!body.success) return fail(context, 'bad-request', described(body.error));
  const { dry_run: dryRun, ...request } = body.data;
  const result = await accounts.replay({ ...request, dryRun });
  const { deliveries, replaced, skipped } = result;
  log.info({ deliveries, replaced, skipped: skipped.map(({ code, count }) => ({ code, count })), dryRun }, 'replay');
  context.body = result;
}

/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readBody(context: Context): Promise<string | null> {
  const length = context.req.headers['content-length'] ?? null;
  try {
    return await rawBody(context.req, { limit: BODY_LIMIT_BYTES, length, encoding: 'utf8' });
  } catch {
    // Too large, or broken off: then nobody reads the answer. What is still coming is not read.
    context.set('connection', 'close');
    return null;
  }
}
