import type { Fake } from '../dashboard-fake.ts';
import { audit } from './audit.ts';
import { deliveries, lanes } from './deliveries.ts';
import { event } from './event-view.ts';
import { events } from './events.ts';
import { overview, series, status } from './health.ts';
import { EVENTS } from './scenario.ts';

/** What the API gives at an address; null for what is not there. */
export function dataAt(
  { pathname, searchParams }: URL,
  { scenario, token, role }: Pick<Fake, 'scenario' | 'token' | 'role'>,
): unknown {
  if (pathname === '/api/status') return status(scenario, { tokenRequired: token !== null, role });
  if (pathname === '/api/audit') return audit(scenario, searchParams);
  if (pathname === '/api/overview') return overview(scenario);
  if (pathname === '/api/series') return series(scenario, Number(searchParams.get('minutes')));
  if (pathname === '/api/events') return events(scenario, searchParams);
  if (pathname === '/api/deliveries') return deliveries(scenario, searchParams);
  if (pathname === '/api/lanes') return lanes(scenario);
  const number = Number(/^\/api\/events\/(\d+)\/view$/.exec(pathname)?.[1] ?? Number.NaN);
  return number >= 1 && number <= EVENTS ? event(number) : null;
}
