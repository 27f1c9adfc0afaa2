/** What a delivery's route says about how it goes out, looked up by the route's name when the delivery is due. */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { QueuedDelivery } from '../journal/journal.ts';
import { quietForRecipient } from '../routing/holding.ts';
import { needsRecipient } from '../routing/quiet-hours.ts';
import type { MergeRule, QuietRule } from '../routing/route.ts';
import type { People } from '../slack/people.ts';
import { REPORT_ROUTE } from './reports.ts';

export interface RouteRules {
  /** Null: always singly. By today's rules; a route that is gone has the default. */
  mergeRule(route: string): MergeRule | null;
  /** False where a recipient's quiet hours have to be looked up first. */
  sendsAtOnce(route: string): boolean;
  /** Until when the recipient is not to be disturbed, ms since the epoch. Null where no route asks for that. */
  readonly quietUntil: ((delivery: QueuedDelivery) => Promise<number | null>) | null;
}

export interface RouteRuleParts extends Pick<Config, 'routes' | 'delivery'> {
  readonly people: Pick<People, 'zone'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function createRouteRules({ routes, delivery, people, clock }: RouteRuleParts): RouteRules {
  const merge = new Map(routes.map((route) => [route.name, route.merge]));
  // A report is one message already.
  merge.set(REPORT_ROUTE, null);
  const personal = new Map<string, QuietRule>();
  for (const { name, quiet } of routes) if (quiet !== null && needsRecipient(quiet.windows)) personal.set(name, quiet);

  async function quietUntil({ route, target, event }: QueuedDelivery): Promise<number | null> {
    const rule = personal.get(route);
    if (rule === undefined || target.verb !== 'dm') return null;
    const zone = await people.zone(target.to);
    // Nobody is kept waiting because Slack cannot say where they are.
    return zone.kind === 'sent' ? quietForRecipient(rule, event, { zone: zone.value, now: clock.now() }) : null;
  }

  return {
    mergeRule: (route) => merge.get(route) ?? (merge.has(route) ? null : delivery.merge),
    sendsAtOnce: (route) => !personal.has(route),
    quietUntil: personal.size === 0 ? null : quietUntil,
  };
}
