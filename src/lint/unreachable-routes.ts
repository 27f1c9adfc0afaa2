/**
 * Routes that no event ever reaches, found without an event: because a condition cannot hold, or because a route above
 * takes everything they would. Only what is certain is told.
 */
import type { Problem } from '../core/problem.ts';
import {
  ALWAYS,
  type Condition,
  holdsText,
  implies,
  neverHolds,
  readCondition,
  together,
} from '../language/condition.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { topicPattern } from '../routing/route.ts';
import type { WrittenRoute } from '../routing/schema.ts';

export interface ReachSetting {
  /** Where the routes stand in the document. */
  readonly base: Path;
  /** The names of all sources. */
  readonly sources: readonly string[];
}

interface Reading {
  readonly label: string;
  readonly path: Path;
  readonly sources: readonly string[];
  readonly topics: readonly string[];
  readonly when: Condition;
  readonly unmatched: boolean;
  readonly stop: boolean;
}

/** Warnings, each where the user can mend it. */
export function unreachable(
  routes: readonly WrittenRoute[],
  document: SourceDocument,
  setting: ReachSetting,
): Problem[] {
  const readings = routes.map((route, index) => readingOf(route, index, { document, setting }));
  return readings.flatMap((reading, index) => {
    const never = neverTrue(reading, document);
    return never === null ? taken(reading, readings.slice(0, index), document) : [never];
  });
}

function readingOf(
  route: WrittenRoute,
  index: number,
  { document, setting }: { readonly document: SourceDocument; readonly setting: ReachSetting },
): Reading {
  const path = [...setting.base, index];
  const name = route.name === undefined ? `route ${index + 1}` : `"${route.name}"`;
  return {
    label: `${name} (line ${document.place(path).line})`,
    path,
    sources: route.source ?? setting.sources,
    topics: route.on,
    when: route.when === undefined ? ALWAYS : readCondition(route.when),
    unmatched: route.unmatched,
    stop: route.stop,
  };
}

function neverTrue({ path, sources, topics, when }: Reading, document: SourceDocument): Problem | null {
  const possible = {
    'event.topic': topicPattern(topics),
    'event.source': (name: string) => sources.includes(name),
  };
  const reason = neverHolds(when, possible);
  if (reason === null) return null;
  return {
    ...document.place([...path, 'when']),
    severity: 'warning',
    code: 'never-true',
    message: `This condition is never true: ${reason}.`,
    remedy: 'Correct it, or what on and source let through; a route that is not wanted can be removed.',
  };
}

/** What the routes above leave of its topics. */
function taken(route: Reading, above: readonly Reading[], document: SourceDocument): Problem[] {
  const takers = route.topics.map((topic) => takersOf(topic, route, above));
  if (takers.every((found) => found !== null)) return [shadowed(route, takers.flat(), document)];
  return takers.flatMap((found, index): Problem[] =>
    found === null
      ? []
      : [
          {
            ...document.place([...route.path, 'on', index]),
            severity: 'warning',
            code: 'shadowed-topic',
            message: `Events "${route.topics[index]}" never come as far as this route: ${by(found, route)}.`,
            remedy: 'Remove it here, or move this route up.',
          },
        ],
  );
}

function shadowed(route: Reading, takers: readonly Reading[], document: SourceDocument): Problem {
  const place = route.unmatched ? document.placeOfKey([...route.path, 'unmatched']) : document.place(route.path);
  return {
    ...place,
    severity: 'warning',
    code: 'shadowed-route',
    message: `No event comes as far as this route: ${by(takers, route)}.`,
    remedy: route.unmatched
      ? 'Remove unmatched, or narrow what stands above (on, when, source).'
      : 'Move this route up, or remove stop there.',
  };
}

function by(takers: readonly Reading[], { unmatched }: Reading): string {
  const labels = [...new Set(takers.map(({ label }) => label))].join(' and ');
  const several = takers.some(({ label }) => label !== takers[0]?.label);
  if (unmatched) return `${labels} above ${several ? 'take' : 'takes'} everything, so nothing is left unmatched`;
  return `${labels} above ${several ? 'stop' : 'stops'} them all`;
}

/** Who keeps a topic from the route, for every source it comes from; null where some of it gets through. */
function takersOf(topic: string, route: Reading, above: readonly Reading[]): Reading[] | null {
  const takers = route.sources.map((source) => above.find((upper) => keeps(upper, route, { topic, source })));
  const found = takers.filter((taker) => taker !== undefined);
  return found.length === 0 || found.length < takers.length ? null : found;
}

/** Whether no event of this topic and source that `lower` would match gets past `upper`. */
function keeps(upper: Reading, lower: Reading, { topic, source }: { topic: string; source: string }): boolean {
  if (!lower.unmatched && (!upper.stop || upper.unmatched)) return false;
  if (!upper.sources.includes(source) || !upper.topics.some((pattern) => contains(pattern, topic))) return false;
  const known = [holdsText('event.source', source), ...(topic.includes('*') ? [] : [holdsText('event.topic', topic)])];
  return implies(together(lower.when, ...known), upper.when);
}

/** A `*` of the narrower pattern can only stand where one of the wider stands. */
function contains(wider: string, narrower: string): boolean {
  return topicPattern([wider])(narrower);
}
