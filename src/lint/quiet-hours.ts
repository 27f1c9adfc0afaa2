/** Finds quiet hours, thresholds and keys of a route that cannot do what their writer means. */
import { DAY_MS } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { DAYS, type QuietWindow } from '../routing/quiet-hours.ts';
import { endlessProblem, neverEnds, type QuietHours } from '../routing/rules.ts';
import type { WrittenRoute } from '../routing/schema.ts';
import { VERB_NAMES } from '../verbs/verbs.ts';

const WEEK_MS = 7 * DAY_MS;

/** Warns of what holds everything back. `quietHours` stand at the top of the document. */
export function endlessQuietHours(quietHours: QuietHours, document: SourceDocument): Problem[] {
  return Object.entries(quietHours)
    .filter(([, windows]) => neverEnds(windows))
    .map(([name]) => ({ ...document.place(['quiet_hours', name]), ...endlessProblem([name]) }));
}

/** Warns of windows of one name and zone that cover the same time: one of them is not what was meant. */
export function overlappingQuietHours(quietHours: QuietHours, document: SourceDocument): Problem[] {
  return Object.entries(quietHours).flatMap(([name, windows]) =>
    windows.flatMap((window, index): Problem[] => {
      const other = windows.slice(0, index).findIndex((before) => overlap(before, window));
      if (other === -1) return [];
      const { line } = document.place(['quiet_hours', name, other]);
      return [
        {
          ...document.place(['quiet_hours', name, index]),
          severity: 'warning',
          code: 'quiet-hours-overlap',
          message: `This window and the one before it on line ${line} cover some of the same time.`,
          remedy: 'A window belongs to the day on which it begins, and may end on the next: narrow days, from or to.',
        },
      ];
    }),
  );
}

function overlap(a: QuietWindow, b: QuietWindow): boolean {
  if (a.timezone !== b.timezone) return false;
  const [first, second] = [weekOf(a), weekOf(b)];
  return first.some(([from, to]) => second.some(([start, end]) => from < end && start < to));
}

/** Its stretches of the week, ms; a stretch that continues after Sunday is at the beginning, too. */
function weekOf({ days, fromMs, toMs }: QuietWindow): readonly (readonly [from: number, to: number])[] {
  return days.flatMap((day) => {
    const midnight = DAYS.indexOf(day) * DAY_MS;
    const [from, to] = [midnight + fromMs, midnight + toMs];
    return to > WEEK_MS ? [[from, to] as const, [from - WEEK_MS, to - WEEK_MS] as const] : [[from, to] as const];
  });
}

/** What was counted is forgotten after `retentionMs`. */
export function longThresholds(
  routes: readonly WrittenRoute[],
  document: SourceDocument,
  { base, retentionMs }: { readonly base: Path; readonly retentionMs: number },
): Problem[] {
  return routes.flatMap(({ at_least }, index): Problem[] =>
    at_least === undefined || at_least.within <= retentionMs
      ? []
      : [
          {
            ...document.place([...base, index, 'at_least', 'within']),
            code: 'longer-than-retention',
            message: 'This is longer than retention, after which what was counted is forgotten.',
            remedy: 'Make within shorter, or retention (at the top; default 30d) longer.',
          },
        ],
  );
}

/** Keys that ask for what this route cannot do. */
export function idleKeys(route: WrittenRoute, path: Path, document: SourceDocument): Problem[] {
  const problems: Problem[] = [];
  if (VERB_NAMES.every((verb) => route[verb] === undefined)) {
    for (const key of ['quiet_hours', 'at_least', 'merge'] as const) {
      if (route[key] === undefined) continue;
      problems.push({
        ...document.placeOfKey([...path, key]),
        code: 'nothing-to-send',
        message: `${key} is about what a route sends, and this one sends nothing.`,
        remedy: `Give it one of ${VERB_NAMES.join(', ')}, or remove ${key}.`,
      });
    }
  }
  if (route.urgent !== undefined && route.quiet_hours === undefined) {
    problems.push({
      ...document.placeOfKey([...path, 'urgent']),
      code: 'urgent-without-quiet-hours',
      message: 'urgent says what passes through quiet hours, and this route has none.',
      remedy: 'Add quiet_hours: NAME to the route, or remove urgent.',
    });
  }
  return problems;
}
