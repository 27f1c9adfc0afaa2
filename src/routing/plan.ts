/**
 * Planning: which routes take an event, and what each owes to whom. Pure: the same event and routes give the same
 * deliveries at the same instant, so a dry run tells the truth.
 */
import { person as makePerson } from '../core/absent.ts';
import type { PlannedDelivery, Target } from '../core/delivery.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import { type Expression, holds } from '../language/expression.ts';
import type { Text } from '../language/text.ts';
import { countingOf } from './counting.ts';
import { heldUntil } from './holding.ts';
import type { Route, Step } from './route.ts';

export interface Plan {
  readonly deliveries: readonly PlannedDelivery[];
  /** What a route could not plan and why; for the log, and for whoever asks what became of an event. */
  readonly notes: readonly PlanNote[];
}

interface PlanNote {
  readonly route: string;
  readonly note: string;
}

/** Why a route does not take an event, or that it does. */
export type Match =
  | { readonly kind: 'taken' }
  | { readonly kind: 'other-source' | 'other-topic' | 'already-taken' }
  | { readonly kind: 'condition'; readonly reason: string | null };

export interface Planning {
  /** One key per human, however the event names them. */
  readonly personKey: (person: Person) => string;
}

export interface PlanContext extends Planning {
  /** ms since the epoch: quiet hours are those of this instant. */
  readonly now: number;
}

const TAKEN: Match = { kind: 'taken' };

/** Reads the routes from top to bottom: every match fires, a match with `stop` ends the reading. */
export function plan(event: RelayEvent, routes: readonly Route[], context: PlanContext): Plan {
  const deliveries: PlannedDelivery[] = [];
  const notes: PlanNote[] = [];
  let taken = false;
  for (const route of routes) {
    if (match(route, event, taken).kind !== 'taken') continue;
    taken = true;
    const planned = planRoute(route, event, context);
    deliveries.push(...planned.deliveries);
    for (const note of planned.notes) notes.push({ route: route.name, note });
    if (route.stop) break;
  }
  return { deliveries, notes };
}

function planRoute({ name, steps, quiet, atLeast }: Route, event: RelayEvent, context: PlanContext) {
  const deliveries: PlannedDelivery[] = [];
  const notes: string[] = [];
  const held = quiet === null ? null : heldUntil(quiet, event, context.now);
  const counting = atLeast === null ? null : countingOf(atLeast, name, event);
  if (counting?.note !== undefined) notes.push(counting.note);
  for (const step of steps) {
    const { targets, note } = planStep(step, event, context);
    for (const { lane, target } of targets) {
      deliveries.push({
        lane,
        route: name,
        target,
        ...(held !== null && { heldUntil: held }),
        ...(counting !== null && { threshold: counting.threshold }),
      });
    }
    if (note !== undefined) notes.push(note);
  }
  return { deliveries, notes };
}

/** Whether a route takes the event; `taken`: whether a route above it did. */
export function match(route: Route, event: RelayEvent, taken: boolean): Match {
  if (route.sources !== null && !route.sources.includes(event.source)) return { kind: 'other-source' };
  if (!route.takesTopic(event.topic)) return { kind: 'other-topic' };
  if (route.unmatched && taken) return { kind: 'already-taken' };
  if (route.when === null) return TAKEN;
  const evaluation = route.when.evaluate({ event });
  return holds(evaluation) ? TAKEN : { kind: 'condition', reason: evaluation.ok ? null : evaluation.reason };
}

interface PlannedStep {
  readonly targets: readonly { readonly lane: string; readonly target: Target }[];
  readonly note?: string;
}

function planStep(step: Step, event: RelayEvent, context: Planning): PlannedStep {
  if (step.verb === 'dm') return planDm(step.to, step.template, { event, context });
  const channel = renderChannel(step.channel, event);
  const { channel: _, ...rest } = step;
  return { targets: [{ lane: `channel:${channel}`, target: { ...rest, channel } }] };
}

/** A channel that cannot be rendered becomes an empty name: refused when it is sent, with its reason, not lost here. */
function renderChannel(channel: Text, event: RelayEvent): string {
  try {
    return channel.render({ event }, { mention: () => undefined });
  } catch {
    return '';
  }
}

function planDm(to: Expression, template: string, { event, context }: { event: RelayEvent; context: Planning }) {
  const evaluation = to.evaluate({ event });
  if (!evaluation.ok) return { targets: [], note: `dm.to found nobody: ${evaluation.reason}.` };
  const people = new Map<string, Person>();
  for (const value of Array.isArray(evaluation.value) ? evaluation.value : [evaluation.value]) {
    const who = personOf(value);
    if (who !== null) people.set(context.personKey(who), who);
  }
  const targets = [...people].map(([key, who]) => ({
    lane: `dm:${key}`,
    target: { verb: 'dm', to: who, template } as const,
  }));
  return targets.length === 0 ? { targets, note: 'dm.to found nobody.' } : { targets };
}

/** A person object, an e-mail address or an id; null for anything else. */
function personOf(value: unknown): Person | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    const written = String(value).trim();
    if (written === '') return null;
    return makePerson(written.includes('@') ? { email: written } : { id: written });
  }
  if (typeof value !== 'object' || value === null) return null;
  const field = (name: string): string | null => {
    const found: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : null;
    if (typeof found === 'number' || typeof found === 'bigint') return String(found);
    return typeof found === 'string' && found !== '' ? found : null;
  };
  const who = { id: field('id'), name: field('name'), email: field('email'), kind: field('kind') };
  return who.id === null && who.email === null && who.name === null ? null : who;
}
