/** `/api/…`: what the dashboard shows. Shapes: relay/views.ts, lane-view.ts, live-view.ts. */
import type Router from '@koa/router';
import type { Clock } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { Reason } from '../core/outcome.ts';
import { VERSION } from '../core/version.ts';
import { searchEvents } from '../history/event-search.ts';
import { type LanePage, lanePage } from '../history/lane-view.ts';
import type { Series } from '../history/series.ts';
import { reportStatus, type StatusReport } from '../history/status-report.ts';
import type { Backlog, Journal } from '../journal/contract.ts';
import { namesInForce } from '../routing/holding.ts';
import { fail } from './errors.ts';
import type { EventViewParts } from './event-view.ts';
import { Live, type LiveParts } from './live.ts';
import { AS_MANY_LOOK } from './overview.ts';
import { described, eventNumber, eventsQuery, lanesQuery, seriesQuery } from './requests.ts';

export interface DashboardApiParts extends EventViewParts, LiveParts {
  readonly journal: EventViewParts['journal'] & Pick<Journal, 'search' | 'backlog' | 'tally'>;
  readonly series: Pick<Series, 'view'>;
  readonly clock: Clock;
  /** What the report says of the service itself. */
  readonly service: () => ReportedService;
  /** Why Slack refuses the token; null where it does not. */
  readonly trouble: () => Reason | null;
  readonly slowed: () => boolean;
  /** Ours among those that share the journal; null where none do. */
  readonly instance: string | null;
}

interface ReportedService extends Omit<NonNullable<StatusReport['service']>, 'version' | 'checks'> {
  readonly journal: StatusReport['journal'];
  /** In the config in force. */
  readonly sources: readonly string[];
}

const MOST_LANES = 1_000;

export function addDashboardApi(router: Router, parts: DashboardApiParts): void {
  const { journal, series, overview, clock } = parts;
  const live = new Live(parts);
  const backlog = memoizeFor({ ...AS_MANY_LOOK, clock }, () => journal.backlog(MOST_LANES));

  const lanesOf = (found: Backlog, limit: number): LanePage => {
    const { routes } = parts.config();
    const now = clock.now();
    return lanePage(found, {
      limit,
      now,
      trouble: parts.trouble(),
      slowed: parts.slowed(),
      instance: parts.instance,
      quietHours: (name) => {
        const quiet = routes.find((route) => route.name === name)?.quiet ?? null;
        return quiet === null ? [] : namesInForce(quiet, now);
      },
    });
  };

  router.get('/overview', async (context) => {
    context.body = await overview();
  });

  router.get('/series', async (context) => {
    const query = seriesQuery.safeParse({ ...context.query });
    if (!query.success) return fail(context, 'bad-request', described(query.error));
    context.body = await series.view(query.data.minutes);
  });

  router.get('/events', async (context) => {
    const query = eventsQuery.safeParse({ ...context.query });
    if (!query.success) return fail(context, 'bad-request', described(query.error));
    context.body = await searchEvents(query.data, { journal, clock });
  });

  router.get('/events/:number/view', async (context) => {
    const number = eventNumber.safeParse(context.params.number);
    if (!number.success) return fail(context, 'unknown-event');
    // Only now: what it takes to try rules out is of no use to the service.
    const { eventView } = await import('./event-view.ts');
    const view = await eventView(number.data, parts);
    if (view === null) return fail(context, 'unknown-event');
    context.body = view;
  });

  router.get('/lanes', async (context) => {
    const query = lanesQuery.safeParse({ ...context.query });
    if (!query.success) return fail(context, 'bad-request', described(query.error));
    context.body = lanesOf(await backlog(), query.data.limit);
  });

  router.get('/report', async (context) => {
    const { journal: kept, sources, ...service } = parts.service();
    const { checks } = await overview();
    const about = { service: { ...service, version: VERSION, checks: [...checks] }, journal: kept, sources };
    context.body = await reportStatus({ ...about, from: journal, clock, lanesOf });
  });

  router.get('/live', (context) => live.connect(context));
}
