/**
 * Thresholds: alarms are counted again here, from the instants at which the service says it received them and in the
 * order in which it stored them. Since every alarm owes a card as well, both are in the account. So it is known of each
 * whether it is the one that is told, how many it tells, and since when, whatever was killed in between. Where a life
 * has pruned what was counted within the window, nothing is said before the window is past.
 *
 * Several instances store at the same time: then any order will do that puts nothing before what was stored earlier.
 */
import { type Case, type Duty, type Span, storedWithin, type Violation, violation } from './evidence.ts';
import { ALARM } from './scenery.ts';

/** What was received earlier may be stored later, by so much. */
const AHEAD_MS = 1_000;

interface Alarm {
  readonly duty: Duty;
  /** ms since the epoch. */
  readonly at: number;
  readonly number: number;
  readonly stored: Span;
}

/** What an alarm that is told says. */
interface Storm {
  readonly count: number;
  /** ms since the epoch. */
  readonly since: number;
}

/** What is known before an alarm is counted, in ms since the epoch. */
interface Count {
  readonly instants: readonly number[];
  readonly reachedAt: number;
}

const NOTHING: Count = { instants: [], reachedAt: Number.NEGATIVE_INFINITY };

export function checkAlarms(known: Case): Violation[] {
  const { instances, prunedAt } = known.evidence;
  const alarms = known.duties.flatMap((duty): Alarm[] => {
    const row = duty.route === 'alarm' ? known.dutyOf(duty.entry.event.number, 'card')?.everyRow[0] : undefined;
    if (row === undefined) return [];
    const { number, received_at } = row.event;
    return [{ duty, at: Date.parse(received_at), number, stored: storedWithin(duty.entry, row) }];
  });
  const byName = Map.groupBy(alarms, ({ duty }) => duty.entry.event.alarm);
  return [...byName.values()].flatMap((ofOne) => {
    const byNumber = ofOne.toSorted((a, b) => a.number - b.number);
    return countAgain(instances > 1 ? inPossibleOrder(byNumber) : byNumber, prunedAt);
  });
}

function countAgain(alarms: readonly Alarm[], prunedAt: readonly number[]): Violation[] {
  const violations: Violation[] = [];
  let known = NOTHING;
  let unsureUntil = Number.NEGATIVE_INFINITY;
  for (const { duty, at } of alarms) {
    const before = [...known.instants, known.reachedAt].filter((instant) => counts(instant, at));
    const { next, expected, counted } = count(known, at);
    known = next;
    const forgotten = prunedAt.some((pruned) => pruned <= at && before.some((instant) => instant <= pruned));
    if (forgotten || at < unsureUntil) unsureUntil = at + ALARM.withinMs;
    else violations.push(...compare(duty, expected, counted));
  }
  return violations;
}

/** One more. */
function count({ instants, reachedAt }: Count, at: number) {
  const all = [...instants, at];
  const counted = all.filter((instant) => counts(instant, at));
  const reached = counted.length >= ALARM.count;
  const expected = reached && !counts(reachedAt, at) ? { count: counted.length, since: Math.min(...counted) } : null;
  return { next: { instants: all, reachedAt: reached ? at : reachedAt }, expected, counted: counted.length };
}

function counts(instant: number, at: number): boolean {
  return instant > at - ALARM.withinMs && instant <= at + AHEAD_MS;
}

/** Orders tried; few alarms are stored at the same time. */
const TRIES = 50_000;

/** One that explains what was told, if there is one; else as they are. */
function inPossibleOrder(alarms: readonly Alarm[]): readonly Alarm[] {
  let tries = 0;
  const complete = (known: Count, left: readonly Alarm[]): Alarm[] | null => {
    if (left.length === 0) return [];
    for (const alarm of left) {
      tries += 1;
      if (tries > TRIES) return null;
      if (left.some(({ stored }) => stored.until < alarm.stored.from)) continue;
      const { next, expected, counted } = count(known, alarm.at);
      if (compare(alarm.duty, expected, counted).length > 0) continue;
      const rest = complete(
        next,
        left.filter((other) => other !== alarm),
      );
      if (rest !== null) return [alarm, ...rest];
    }
    return null;
  };
  return complete(NOTHING, alarms) ?? alarms;
}

function compare(duty: Duty, expected: Storm | null, counted: number): Violation[] {
  const { everyRow, seen } = duty;
  if (expected === null) {
    if (everyRow.length === 0) return [];
    const found = counted < ALARM.count ? `${counted} came` : 'it had been told, and had not calmed down';
    return [violation('duplicated', duty, { expected: 'no alarm', found: `an alarm, although ${found}` })];
  }
  const wanted = `an alarm of ${told(expected)}`;
  if (everyRow.length === 0) return [violation('lost', duty, { expected: wanted, found: 'none' })];
  return seen.flatMap(({ said: { storm } }) => {
    const since = storm?.since ?? null;
    const right = storm?.count === expected.count && (since === null || Date.parse(since) === expected.since);
    const found = storm === null ? 'one that says no number' : `one of ${storm.count} since ${since}`;
    return right ? [] : [violation('unaccounted', duty, { expected: wanted, found })];
  });
}

function told({ count: number, since }: Storm): string {
  return `${number} since ${new Date(since).toISOString()}`;
}
