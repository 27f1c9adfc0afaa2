/** Whether a route takes an event. Pure. */
import type { RelayEvent } from '../core/event.ts';
import type { WorkBudget } from '../language/work.ts';
import type { Route } from './route.ts';

/** Why a route does not take an event, or that it does. */
export type Match =
  | { readonly kind: 'taken' }
  | { readonly kind: 'other-source' | 'other-topic' | 'already-taken' }
  | { readonly kind: 'condition'; readonly reason: string | null }
  /** Its condition is too much work. */
  | { readonly kind: 'undecided'; readonly reason: string };

const TAKEN: Match = { kind: 'taken' };
const OTHER_SOURCE: Match = { kind: 'other-source' };
const OTHER_TOPIC: Match = { kind: 'other-topic' };

/** `taken`: whether a route above it took the event. */
export function match(
  route: Route,
  event: RelayEvent,
  { taken, work }: { readonly taken: boolean; readonly work?: WorkBudget },
): Match {
  if (route.sources !== null && !route.sources.includes(event.source)) return OTHER_SOURCE;
  if (!route.takesTopic(event.topic)) return OTHER_TOPIC;
  if (route.unmatched && taken) return { kind: 'already-taken' };
  if (route.when === null) return TAKEN;
  const evaluation = route.when.evaluate({ event }, work);
  if (evaluation.ok) return evaluation.value === true ? TAKEN : { kind: 'condition', reason: null };
  return { kind: evaluation.exceeded ? 'undecided' : 'condition', reason: evaluation.reason };
}
