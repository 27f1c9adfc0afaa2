/** `/api/…`: what became of every event, and sending again. */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Logger } from '../core/log.ts';
import type { Secret } from '../core/secret.ts';
import { VERSION } from '../core/version.ts';
import type { Playground } from '../dry-run/playground/playground.ts';
import type { DeliveryHistory } from '../history/delivery-history.ts';
import type { ReplayResult } from '../history/outcomes.ts';
import type { StatusView } from '../history/views.ts';
import type { Tally } from '../journal/contract.ts';
import { actorOf } from './actor.ts';
import { addDashboardApi, type DashboardApiParts } from './dashboard-api.ts';
import { fail } from './errors.ts';
import { exactJson, readJson } from './json-body.ts';
import { addPlayground } from './playground.ts';
import { auditQuery, deliveriesQuery, described, dismissBody, replayBody } from './requests.ts';

const BODY_LIMIT_BYTES = 256 * 1024;

export interface ApiParts {
  readonly history: DeliveryHistory;
  /** The journal's file, or its database without secrets: what a command beside the service knows it by. */
  readonly journal: string;
  readonly tally: () => Promise<Tally>;
  readonly log: Pick<Logger, 'info' | 'error'>;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Which of those that share the journal this is; null where it has it to itself. */
  readonly instance: string | null;
  readonly token: Secret | null;
  /** Whether the address is that of a proxy whose X-Forwarded-For is believed. */
  readonly trustsProxy: (address: string) => boolean;
  readonly dashboardApi: DashboardApiParts;
  /** Left out: there is none. */
  readonly playground?: Playground;
}

export function api(parts: ApiParts): Router {
  const { history, journal, tally, startedAt, instance, token } = parts;
  const router = new Router({ prefix: '/api' });
  router.use(exactJson);

  router.get('/status', async (context) => {
    const [deliveries, { ready, checks }] = await Promise.all([tally(), parts.dashboardApi.overview()]);
    const status: StatusView = {
      service: 'alo-relay',
      version: VERSION,
      journal,
      deliveries,
      ready,
      checks,
      started_at: new Date(startedAt).toISOString(),
      instance,
      token_required: token !== null,
      role: context.state.role,
    };
    context.body = status;
  });

  router.get('/deliveries', async (context) => {
    const query = deliveriesQuery.safeParse({ ...context.query });
    if (!query.success) return fail(context, 'bad-request', described(query.error));
    const { state: states, seq: numbers, ...rest } = query.data;
    context.body = await history.deliveries({ states, numbers, ...rest });
  });

  router.get('/events/:id', async (context) => {
    const events = await history.events(context.params.id ?? '');
    if (events.length === 0) return fail(context, 'unknown-event');
    context.body = { events };
  });

  router.get('/events/:id/content', async (context) => {
    const events = await history.stored(context.params.id ?? '');
    if (events.length === 0) return fail(context, 'unknown-event');
    context.body = { events };
  });

  router.get('/audit', async (context) => {
    const query = auditQuery.safeParse({ ...context.query });
    if (!query.success) return fail(context, 'bad-request', described(query.error));
    context.body = await history.audit(query.data);
  });

  router.post('/replay', async (context) => replay(context, parts));
  router.post('/dismiss', async (context) => dismiss(context, parts));
  addDashboardApi(router, parts.dashboardApi);
  if (parts.playground !== undefined) addPlayground(router, parts.playground);
  return router;
}

async function replay(context: Context, { history, log, trustsProxy }: ApiParts): Promise<void> {
  const read = await readJson(context, BODY_LIMIT_BYTES);
  if (!read.ok) return;
  const body = replayBody.safeParse(read.value);
  if (!body.success) return fail(context, 'bad-request', described(body.error));
  const { dry_run: dryRun, reason_codes: codes, ...request } = body.data;
  const actor = actorOf(context, trustsProxy);
  const result = await history.replay({ ...request, codes, dryRun, actor });
  const { deliveries, replaced, skipped } = result;
  log.info({ deliveries, replaced, skipped: counts(skipped), dryRun, ...actor, by: request.by }, 'replay');
  context.body = result;
}

async function dismiss(context: Context, { history, log, trustsProxy }: ApiParts): Promise<void> {
  const read = await readJson(context, BODY_LIMIT_BYTES);
  if (!read.ok) return;
  const body = dismissBody.safeParse(read.value);
  if (!body.success) return fail(context, 'bad-request', described(body.error));
  const { dry_run: dryRun, reason_codes: codes, ...order } = body.data;
  const actor = actorOf(context, trustsProxy);
  const result = await history.dismiss({ ...order, codes, dryRun, actor });
  const { dismissed, skipped } = result;
  log.info({ dismissed, skipped: counts(skipped), dryRun, ...actor, by: order.by }, 'dismiss');
  context.body = result;
}

function counts(skipped: ReplayResult['skipped']) {
  return skipped.map(({ code, count }) => ({ code, count }));
}
