/**
 * Thresholds: alarms are counted again here, from the instants at which the service says it received them and in the
 * order in which it stored them. Since every alarm owes a card as well, both are in the account. So it is known of each
 * whether it is the one that is told, how many it tells, and since when, whatever was killed in between. Where a life
 * has pruned what was counted within the window, nothing is said before the window is past.
 */
import { type Case, type Duty, type Violation, violation } from './evidence.ts';
import { ALARM } from './scenery.ts';

/** What was received earlier may be stored later, by so much. */
const AHEAD_MS = 1_000;

interface Alarm {
  readonly duty: Duty;
  /** ms since the epoch. */
  readonly at: number;
  readonly stored: number;
}

/** What an alarm that is told says. */
interface Storm {
  readonly count: number;
  /** ms since the epoch. */
  readonly since: number;
}

export function checkAlarms(known: Case): Violation[] {
  const alarms = known.duties.flatMap((duty): Alarm[] => {
    const facts =
      duty.route === 'alarm' ? known.dutyOf(duty.entry.event.number, 'card')?.everyRow[0]?.event : undefined;
    return facts === undefined ? [] : [{ duty, at: Date.parse(facts.received_at), stored: facts.number }];
  });
  const byName = Map.groupBy(alarms, ({ duty }) => duty.entry.event.alarm);
  return [...byName.values()].flatMap((ofOne) =>
    countAgain(
      ofOne.toSorted((a, b) => a.stored - b.stored),
      known.evidence.prunedAt,
    ),
  );
}

function countAgain(alarms: readonly Alarm[], prunedAt: readonly number[]): Violation[] {
  const violations: Violation[] = [];
  const instants: number[] = [];
  let reachedAt = Number.NEGATIVE_INFINITY;
  let unsureUntil = Number.NEGATIVE_INFINITY;
  for (const { duty, at } of alarms) {
    const counts = (instant: number) => instant > at - ALARM.withinMs && instant <= at + AHEAD_MS;
    const before = [...instants, reachedAt].filter(counts);
    instants.push(at);
    const counted = instants.filter(counts);
    const reached = counted.length >= ALARM.count;
    const expected = reached && !counts(reachedAt) ? { count: counted.length, since: Math.min(...counted) } : null;
    if (reached) reachedAt = at;
    const forgotten = prunedAt.some((pruned) => pruned <= at && before.some((instant) => instant <= pruned));
    if (forgotten || at < unsureUntil) unsureUntil = at + ALARM.withinMs;
    else violations.push(...compare(duty, expected, counted.length));
  }
  return violations;
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

function told({ count, since }: Storm): string {
  return `${count} since ${new Date(since).toISOString()}`;
}
