/** Every event id against what was sent, what the service says, and what stands in the workspace. Pure. */
import { checkArrival } from './check-arrival.ts';
import { checkCards } from './check-cards.ts';
import { checkOrder } from './check-order.ts';
import { type Evidence, prepareCase, type Violation } from './evidence.ts';

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Events that were answered 200. */
  readonly accepted: number;
  /** Deliveries by what became of them. */
  readonly fates: ReadonlyMap<string, number>;
}

export function check(evidence: Evidence): Verdict {
  const known = prepareCase(evidence);
  const fates = new Map<string, number>();
  for (const { fate } of known.duties) fates.set(fate, (fates.get(fate) ?? 0) + 1);
  return {
    violations: [...checkArrival(known), ...checkOrder(known), ...checkCards(known)],
    accepted: evidence.ledger.filter(({ acceptedAt }) => acceptedAt !== null).length,
    fates,
  };
}
