/** Every event id against what was sent, what the service says, and what stands in the workspace. Pure. */
import { checkAlarms } from './check-alarms.ts';
import { checkArrival } from './check-arrival.ts';
import { checkCards } from './check-cards.ts';
import { checkOrder } from './check-order.ts';
import { checkQuiet } from './check-quiet.ts';
import { checkTogether } from './check-together.ts';
import { type Case, type Evidence, heldBack, prepareCase, type Violation } from './evidence.ts';
import { FALLBACK_CHANNEL } from './scenery.ts';

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Events that were answered 200. */
  readonly accepted: number;
  /** Deliveries by what became of them. */
  readonly fates: ReadonlyMap<string, number>;
  readonly togetherness: Togetherness;
}

/** What merging, quiet hours and thresholds have done. */
interface Togetherness {
  readonly digests: number;
  readonly joinedReplies: number;
  /** Deliveries in both. */
  readonly merged: number;
  /** Deliveries that quiet hours held back, and that were seen afterwards. */
  readonly heldAndReleased: number;
  /** Alarms that were told, and that were counted only. */
  readonly firings: number;
  readonly counted: number;
}

export function check(evidence: Evidence): Verdict {
  const known = prepareCase(evidence);
  const fates = new Map<string, number>();
  for (const { fate } of known.duties) fates.set(fate, (fates.get(fate) ?? 0) + 1);
  const checks = [checkArrival, checkOrder, checkCards, checkTogether, checkQuiet, checkAlarms];
  return {
    violations: checks.flatMap((one) => one(known)),
    accepted: evidence.ledger.filter(({ acceptedAt }) => acceptedAt !== null).length,
    fates,
    togetherness: togethernessOf(known),
  };
}

function togethernessOf({ duties, evidence }: Case): Togetherness {
  const ours = evidence.sightings.filter(({ conversation }) => conversation !== FALLBACK_CHANNEL);
  const groups = ours.flatMap(({ together }) => together ?? []);
  const alarms = duties.filter(({ route }) => route === 'alarm');
  return {
    digests: groups.filter(({ kind }) => kind === 'digest').length,
    joinedReplies: groups.filter(({ kind }) => kind === 'replies').length,
    merged: groups.reduce((sum, { parts }) => sum + parts.length, 0),
    heldAndReleased: duties.filter(
      (duty) =>
        duty.seen.length > 0 && duty.everyRow.some((row) => typeof heldBack(duty, row, evidence.quiet) === 'number'),
    ).length,
    firings: alarms.filter(({ everyRow }) => everyRow.length > 0).length,
    counted: alarms.filter(({ fate }) => fate === 'counted').length,
  };
}
