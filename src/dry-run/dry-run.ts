/**
 * What would happen to an event: every route in order, taken or why not, and what it would send where and when. Asks the
 * parts that do it for real (matching, planning, holding, rendering), and changes nothing: no journal, no network.
 *
 * Known limits: what a threshold has counted and which cards exist only the journal knows, so both are told as a
 * condition. People are mentioned by the config's map alone; others, whom Slack would be asked about, by name.
 */
import type { Config } from '../config/config.ts';
import type { Mask } from '../config/mask.ts';
import { isMade, type NoTarget, type PlannedDelivery, type Target, type Threshold } from '../core/delivery.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import type { RenderedMessage } from '../core/message.ts';
import { refused } from '../core/outcome.ts';
import { type Decision, decide } from '../language/decision.ts';
import { WorkTurns } from '../language/work-turns.ts';
import { isUrgent, quietForRecipient } from '../routing/holding.ts';
import { Planner, type Planning, type RoutePlan } from '../routing/plan.ts';
import { needsRecipient, quietUntil } from '../routing/quiet-hours.ts';
import type { QuietRule, Route } from '../routing/route.ts';
import { createPeople, type People } from '../slack/people.ts';
import type { ReadNote } from '../sources/source.ts';
import { createRender, type Render } from '../verbs/render.ts';
import { roleOf, verbOf } from '../verbs/verbs.ts';

export interface DryRun {
  readonly event: RelayEvent;
  /** ms since the epoch: when it comes in. */
  readonly at: number;
  /** What of the event could not be read. */
  readonly notes: readonly ReadNote[];
  /** All of them, in their order. */
  readonly routes: readonly RouteResult[];
}

export interface RouteResult {
  readonly name: string;
  readonly verdict: Verdict;
  /** Not null where it is quiet for a route that takes the event. */
  readonly quiet: QuietHoursResult | null;
  readonly deliveries: readonly DeliveryPreview[];
  /** What the route could not plan, and why. */
  readonly notes: readonly string[];
}

interface QuietHoursResult {
  /** ms since the epoch. */
  readonly until: number;
  readonly urgent: Decision | null;
  /** There is something to send, and it is urgent. */
  readonly passes: boolean;
}

export type Verdict =
  /** `because`: its condition, where it has one. */
  | { readonly kind: 'taken'; readonly because: Decision | null }
  | { readonly kind: 'condition'; readonly because: Decision }
  /** Its condition is too much work: it owes a dead delivery that says so. */
  | { readonly kind: 'undecided'; readonly reason: string }
  | { readonly kind: 'other-source'; readonly sources: readonly string[] }
  | { readonly kind: 'other-topic' }
  /** `by`: the route that ended the reading, or the first that took it. */
  | { readonly kind: 'already-taken' | 'stopped'; readonly by: string };

export interface DeliveryPreview {
  readonly route: string;
  readonly target: Target | NoTarget;
  /** ms since the epoch. */
  readonly heldUntil: number | null;
  readonly threshold: Threshold | null;
  /** Of a DM's reader: null for nobody; undefined where Slack would be asked. */
  readonly slackUser: string | null | undefined;
  /** Null for a mark, and for what cannot be rendered. */
  readonly message: RenderedMessage | null;
  /** Posted before a reply whose subject has no card yet. */
  readonly root: RenderedMessage | null;
  /** Why it would end as dead; null where nothing speaks against it. */
  readonly fault: string | null;
  readonly remarks: readonly string[];
}

export interface DryRunContext {
  /** ms since the epoch. */
  readonly at: number;
  /** The time zone that somebody has set in Slack; null where that is not known. */
  readonly zoneOf?: (person: Person) => string | null;
  /** Of one route; a note says how many more there would be. Default: all. */
  readonly mostDeliveries?: number;
  /** Of reading the event. */
  readonly notes?: readonly ReadNote[];
}

/** Of a config, what a dry run needs. */
export type DryRunRules = Pick<Config, 'routes' | 'templates' | 'people' | 'colors' | 'mask'> & {
  readonly delivery: Pick<Config['delivery'], 'maxPerEvent'>;
};

export async function dryRun(event: RelayEvent, config: DryRunRules, context: DryRunContext): Promise<DryRun> {
  const parts = { event, rules: offlineRules(config), context };
  const { mask } = config;
  const routes: RouteResult[] = [];
  let takenBy: string | null = null;
  let stoppedBy: string | null = null;
  const turns = new WorkTurns();
  const planner = new Planner(event, { ...parts.rules.planning, now: context.at });
  for (const route of config.routes) {
    const planned: RoutePlan | null = stoppedBy === null ? planner.read(route) : null;
    const verdict = planned === null ? stopped(stoppedBy) : judge(route, planned, { event, takenBy });
    routes.push(masked(await runRoute(route, verdict, { planned, parts }), mask));
    if (planned !== null) turns.spent(planned.steps);
    while (turns.full) await turns.next();
    if (verdict.kind !== 'taken') continue;
    takenBy ??= route.name;
    if (route.stop) stoppedBy = route.name;
  }
  return { event, at: context.at, notes: context.notes ?? [], routes };
}

/** Expressions are quoted as they were read, with what their variables hold. */
function masked({ verdict, quiet, deliveries, notes, ...rest }: RouteResult, mask: Mask): RouteResult {
  return {
    ...rest,
    verdict: maskedVerdict(verdict, mask),
    quiet: quiet && { ...quiet, urgent: quiet.urgent && maskedDecision(quiet.urgent, mask) },
    deliveries: deliveries.map((one) => ({ ...one, fault: one.fault === null ? null : mask.text(one.fault) })),
    notes: notes.map((note) => mask.text(note)),
  };
}

function maskedVerdict(verdict: Verdict, mask: Mask): Verdict {
  if (verdict.kind === 'undecided') return { ...verdict, reason: mask.text(verdict.reason) };
  if (verdict.kind === 'condition') return { ...verdict, because: maskedDecision(verdict.because, mask) };
  if (verdict.kind !== 'taken' || verdict.because === null) return verdict;
  return { ...verdict, because: maskedDecision(verdict.because, mask) };
}

function maskedDecision({ part, evaluation, looked }: Decision, mask: Mask): Decision {
  const reasoned = (one: Decision['evaluation']) => (one.ok ? one : { ...one, reason: mask.text(one.reason) });
  return {
    part: mask.piece(part),
    evaluation: reasoned(evaluation),
    looked: looked.map((one) => ({ field: mask.piece(one.field), evaluation: reasoned(one.evaluation) })),
  };
}

interface DryRunParts {
  readonly event: RelayEvent;
  readonly rules: OfflineRules;
  readonly context: DryRunContext;
}

interface OfflineRules {
  readonly people: People;
  readonly planning: Planning;
  readonly render: Render;
}

/** The rules as the service has them, but for Slack, which is not asked. */
export function offlineRules({
  people: settings,
  templates,
  colors,
  delivery,
}: Omit<DryRunRules, 'routes' | 'mask'>): OfflineRules {
  const notAsked = async () => refused('destination', 'not_asked', 'Slack is not asked in a dry run.');
  const gateway = { lookupByEmail: notAsked, groupId: notAsked, timeZone: notAsked };
  const people = createPeople({ ...settings, gateway, clock: { now: () => 0, monotonic: () => 0 } });
  const planning = { personKey: people.laneKey, maxPerEvent: delivery.maxPerEvent };
  return { people, planning, render: createRender(templates, people, colors) };
}

function stopped(by: string | null): Verdict {
  return { kind: 'stopped', by: by ?? '' };
}

function judge(
  route: Route,
  { match }: RoutePlan,
  { event, takenBy }: { readonly event: RelayEvent; readonly takenBy: string | null },
): Verdict {
  const { kind } = match;
  if (kind === 'undecided') return { kind, reason: match.reason };
  if (kind === 'other-source') return { kind, sources: route.sources ?? [] };
  if (kind === 'other-topic') return { kind };
  if (kind === 'already-taken') return { kind, by: takenBy ?? '' };
  const because = route.when === null ? null : decide(route.when, { event });
  return kind === 'condition' && because !== null ? { kind, because } : { kind: 'taken', because };
}

async function runRoute(
  route: Route,
  verdict: Verdict,
  { planned, parts }: { readonly planned: RoutePlan | null; readonly parts: DryRunParts },
): Promise<RouteResult> {
  const { name, quiet: rule } = route;
  const { context } = parts;
  const { deliveries: owed, notes: noted } = planned ?? { deliveries: [], notes: [] };
  const made = owed.filter(({ dead }) => dead === undefined);
  const shown = [...made.slice(0, context.mostDeliveries), ...owed.slice(made.length)];
  const deliveries = await Promise.all(shown.map((delivery) => previewDelivery(delivery, rule, parts)));
  const more = owed.length - shown.length;
  const notes = [...noted, ...(more > 0 ? [`There would be ${more} more of them.`] : [])];
  const quiet = rule === null || verdict.kind !== 'taken' ? null : quietFor(rule, parts, deliveries.length > 0);
  return { name, verdict, quiet, deliveries, notes };
}

function quietFor(rule: QuietRule, { event, context }: DryRunParts, sends: boolean): QuietHoursResult | null {
  const until = quietUntil(rule.windows, context.at, null);
  if (until === null) return null;
  const urgent = rule.urgent === null ? null : decide(rule.urgent, { event });
  return { until, urgent, passes: sends && isUrgent(rule, event) };
}

async function previewDelivery(
  delivery: PlannedDelivery,
  rule: QuietRule | null,
  parts: DryRunParts,
): Promise<DeliveryPreview> {
  const { event, rules } = parts;
  const { route, target, heldUntil = null, threshold = null } = delivery;
  if (!isMade(target)) {
    const fault = delivery.dead?.detail ?? null;
    return { ...NO_MESSAGE, route, target, heldUntil, threshold, slackUser: undefined, fault, remarks: [] };
  }
  const remarks: string[] = [];
  const slackUser = target.to === undefined ? undefined : rules.people.known(target.to);
  const rendered = (name: unknown) =>
    typeof name === 'string' ? rules.render(name, { event, thresholdHit: null }) : Promise.resolve(null);
  const template = await rendered(target.template);
  // Without a subject there is no thread, so no root either.
  const root = event.subject === null ? null : await rendered(target.root);
  const role = roleOf(target);
  if (event.subject === null && (role === 'card' || role === 'thread')) remarks.push(NO_SUBJECT);
  const failed = [template, root].find((outcome) => outcome !== null && outcome.kind !== 'sent');
  return {
    route,
    target,
    heldUntil: heldForReader(heldUntil, { target, rule, parts, remarks }),
    threshold,
    slackUser,
    message: template?.kind === 'sent' ? template.value : null,
    root: root?.kind === 'sent' ? root.value : null,
    fault: faultOf(target, event, slackUser) ?? failed?.reason.detail ?? null,
    remarks,
  };
}

const NO_MESSAGE = { message: null, root: null };

const NO_SUBJECT =
  'The event has no subject, so nothing says which card it belongs to: it is a message of its own. Give the source `fields: { subject: … }`.';

/** What every attempt would be refused for, in the words of verbs/ where it says more. */
function faultOf(target: Target, event: RelayEvent, slackUser: string | null | undefined): string | null {
  if (target.channel !== undefined && /^#?$/.test(target.channel)) return 'The channel comes out empty for this event.';
  const verb = verbOf(target);
  if (verb?.role === 'mark' && event.subject === null)
    return `The event has no subject, so there is no card ${verb.doing}. Give the source \`fields: { subject: … }\`.`;
  if (target.to !== undefined && slackUser === null)
    return 'Nobody in Slack matches this person: add them under people.map, by id or e-mail address.';
  return null;
}

interface Holding {
  readonly target: Target;
  readonly rule: QuietRule | null;
  readonly parts: DryRunParts;
  readonly remarks: string[];
}

/** Quiet hours in the reader's zone are asked about when the message is due: now, or when the others end. */
function heldForReader(heldUntil: number | null, { target, rule, parts, remarks }: Holding): number | null {
  if (rule === null || target.to === undefined || !needsRecipient(rule.windows)) return heldUntil;
  const { event, context } = parts;
  const zone = context.zoneOf?.(target.to) ?? null;
  if (zone === null) {
    remarks.push("Its quiet hours are in the reader's time zone, which Slack would be asked for.");
    return heldUntil;
  }
  return quietForRecipient(rule, event, { zone, now: heldUntil ?? context.at }) ?? heldUntil;
}
