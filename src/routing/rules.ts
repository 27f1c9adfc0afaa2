import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { closest } from '../language/schema.ts';
import { LONGEST_QUIET_MS, needsRecipient, type QuietWindow, quietUntil } from './quiet-hours.ts';
import { MERGE_DEFAULTS, stepsOf, type WrittenMerge, type WrittenRoute } from './schema.ts';

/** When a route's deliveries are merged, how many at most into one message, and by which template. */
export interface MergeRule {
  readonly whenWaiting: number;
  readonly maxLines: number;
  /** Null: the built-in one. */
  readonly template: string | null;
}

/** By name. */
export type QuietHours = Readonly<Record<string, readonly QuietWindow[]>>;

/** `delivery.merge`, made ready; null: singly. */
export function defaultMerge(written: WrittenMerge): MergeRule | null {
  return written === false ? null : { whenWaiting: written.when_waiting, maxLines: written.max_lines, template: null };
}

/** What a route leaves open is as `fallback` has it, or as it is by default where that is off. */
export function mergeRule(written: WrittenRoute['merge'], fallback: MergeRule | null): MergeRule | null {
  if (written === undefined) return fallback;
  if (written === false) return null;
  const { when_waiting, max_lines, template } = written;
  return {
    whenWaiting: when_waiting ?? fallback?.whenWaiting ?? MERGE_DEFAULTS.when_waiting,
    maxLines: max_lines ?? fallback?.maxLines ?? MERGE_DEFAULTS.max_lines,
    template: template ?? null,
  };
}

interface Report {
  readonly document: SourceDocument;
  readonly problems: Problem[];
}

/** The windows of a route's `quiet_hours`; null where it has none. */
export function quietWindows(
  route: WrittenRoute,
  path: Path,
  { quietHours, document, problems }: Report & { quietHours: QuietHours },
): readonly QuietWindow[] | null {
  if (route.quiet_hours === undefined) return null;
  const windows: QuietWindow[] = [];
  let endless = false;
  for (const [index, name] of route.quiet_hours.entries()) {
    const place = document.place([...path, 'quiet_hours', index]);
    const named = Object.hasOwn(quietHours, name) ? (quietHours[name] ?? []) : null;
    if (named === null) problems.push({ ...place, ...unknownQuietHours(name, Object.keys(quietHours)) });
    else if (needsRecipient(named) && sendsToChannels(route)) problems.push({ ...place, ...noRecipient(name) });
    endless ||= named !== null && neverEnds(named);
    windows.push(...(named ?? []));
  }
  // One that is endless by itself is told where it is defined.
  if (!endless && neverEnds(windows)) {
    problems.push({ ...document.place([...path, 'quiet_hours']), ...endlessProblem(route.quiet_hours) });
  }
  return windows;
}

type Finding = Omit<Problem, 'file' | 'line' | 'column'>;

function unknownQuietHours(name: string, names: readonly string[]): Finding {
  const near = closest(name, names);
  const remedy =
    names.length === 0
      ? `Define them under quiet_hours at the top: ${name}: { timezone: Europe/Paris, from: "19:00", to: "08:00" }.`
      : `${near === null ? '' : `Did you mean "${near}"? `}Quiet hours: ${names.join(', ')}.`;
  return { code: 'unknown-quiet-hours', message: `There are no quiet hours "${name}".`, remedy };
}

function noRecipient(name: string): Finding {
  return {
    code: 'quiet-hours-recipient',
    message: `The quiet hours "${name}" are in the time zone of whoever a DM goes to, and this route sends to a channel.`,
    remedy: 'Move its dm to a route of its own, or use quiet hours whose timezone is a place, such as Europe/Paris.',
  };
}

export function endlessProblem(names: readonly string[]): Finding {
  const which = names.map((name) => `"${name}"`).join(' and ');
  return {
    severity: 'warning',
    code: 'quiet-hours-endless',
    message:
      names.length === 1 ? `The quiet hours ${which} never end.` : `Together, the quiet hours ${which} never end.`,
    remedy: 'What they hold back goes out after 14 days. Leave a time out: narrow days, from or to.',
  };
}

function sendsToChannels(route: WrittenRoute): boolean {
  return stepsOf(route).some(({ verb }) => verb.address === 'channel');
}

/** A week in which no zone moves its clocks: windows repeat weekly, so what ends at all ends from there. */
const SOME_WEEK = Date.parse('2026-01-15T00:00Z');

/** Where the recipient's zone matters, for a recipient in the same place as the other windows. */
export function neverEnds(windows: readonly QuietWindow[]): boolean {
  const zones = windows.map(({ timezone }) => timezone).filter((zone) => zone !== 'recipient');
  const until = quietUntil(windows, SOME_WEEK, zones[0] ?? 'UTC');
  return until !== null && until >= SOME_WEEK + LONGEST_QUIET_MS;
}
