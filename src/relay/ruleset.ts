/** Everything that a config says about how events become messages, ready to be asked. Made whole, or not at all. */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { QueuedDelivery } from '../journal/contract.ts';
import { quietForRecipient } from '../routing/holding.ts';
import type { Planning } from '../routing/plan.ts';
import { needsRecipient } from '../routing/quiet-hours.ts';
import type { QuietRule } from '../routing/route.ts';
import type { MergeRule } from '../routing/rules.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import { createPeople, type People } from '../slack/people.ts';
import type { Source } from '../sources/source.ts';
import { createRender, type Render } from '../verbs/render.ts';
import { REPORT_ROUTE, reportTemplate } from './upkeep/reports.ts';

export interface Ruleset {
  readonly config: Config;
  source(name: string): Source | undefined;
  readonly people: People;
  readonly planning: Planning;
  readonly render: Render;
  hasTemplate(name: string): boolean;
  /** Null: always individually. A route that is gone has the default. */
  mergeRule(route: string): MergeRule | null;
  /** False where a recipient's quiet hours have to be looked up first. */
  sendsAtOnce(route: string): boolean;
  /** Until when the recipient is not to be disturbed, ms since the epoch. Null, at once, where the route does not say. */
  quietUntil(delivery: QueuedDelivery): Promise<number | null> | null;
}

export interface RulesetParts {
  readonly gateway: Pick<SlackGateway, 'lookupByEmail' | 'groupId' | 'timeZone'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

export function createRuleset(config: Config, { gateway, clock }: RulesetParts): Ruleset {
  const { routes, delivery } = config;
  const sources = new Map(config.sources.map((source) => [source.name, source]));
  const people = createPeople({ ...config.people, gateway, clock });
  const report = reportTemplate(config.slack.adminUrl);
  const templates = new Map([...config.templates, [report.name, report]]);
  const merge = new Map(routes.map((route) => [route.name, route.merge]));
  // A report is one message already.
  merge.set(REPORT_ROUTE, null);
  const personal = new Map<string, QuietRule>();
  for (const { name, quiet } of routes) if (quiet !== null && needsRecipient(quiet.windows)) personal.set(name, quiet);

  async function quietFor(rule: QuietRule, { target, event }: QueuedDelivery): Promise<number | null> {
    if (target.to === undefined) return null;
    const zone = await people.zone(target.to);
    // Nobody is kept waiting because Slack cannot say where they are.
    return zone.kind === 'sent' ? quietForRecipient(rule, event, { zone: zone.value, now: clock.now() }) : null;
  }

  return {
    config,
    source: (name) => sources.get(name),
    people,
    planning: { personKey: people.laneKey, maxPerEvent: delivery.maxPerEvent },
    render: createRender(templates, people, config.colors),
    hasTemplate: (name) => templates.has(name),
    mergeRule: (route) => merge.get(route) ?? (merge.has(route) ? null : delivery.merge),
    sendsAtOnce: (route) => !personal.has(route),
    quietUntil(delivery) {
      const rule = personal.get(delivery.route);
      return rule === undefined ? null : quietFor(rule, delivery);
    },
  };
}
