/** What becomes of a delivery after an attempt: pure, and the one place that decides it. */
import type { DeliverySettings } from '../../config/config.ts';
import { backoffMs } from '../../core/backoff.ts';
import type { Doubt } from '../../core/delivery.ts';
import type { Failure, Reason } from '../../core/outcome.ts';
import type { Completion, QueuedDelivery, Retry } from '../../journal/contract.ts';
import { lookAfterMs } from '../../verbs/post-once.ts';
import type { Delivered } from '../../verbs/verb.ts';

export type Decision =
  | { readonly kind: 'end'; readonly completion: Completion }
  | { readonly kind: 'again'; readonly inMs: number; readonly retry: Retry };

export interface Circumstances {
  /** ms since the epoch: when the attempt began. */
  readonly startedAt: number;
  /** ms since the epoch: now. */
  readonly at: number;
  readonly retry: DeliverySettings['retry'];
  readonly random: () => number;
}

/** A clock that was set forward makes everything look old; so few attempts are never too many. */
const ATTEMPTS_AT_LEAST = 3;

export function decide(delivery: QueuedDelivery, result: Delivered, circumstances: Circumstances): Decision {
  const { seq, doubt, attempts } = delivery;
  const { at } = circumstances;
  if (result.kind === 'ended') return { kind: 'end', completion: { seq, at, ...result.ending } };
  if (result.kind === 'unseen') {
    const { lookups, reason } = result;
    return again(delivery, { at, inMs: lookAfterMs(lookups), attempts, reason, doubt: doubt && { ...doubt, lookups } });
  }
  const { failure } = result;
  if (failure.kind === 'refused') {
    if (failure.scope !== 'credential') return dead(seq, at, failure.reason);
    // Nothing goes out before the credential is good again: the lane waits for that, not for an instant.
    return again(delivery, { at, inMs: 0, attempts, reason: failure.reason, doubt });
  }
  const counts = failure.kind === 'unknown' || !failure.limited;
  const tried = attempts + (counts ? 1 : 0);
  const inDoubt = failure.kind === 'unknown' ? renewed(doubt, circumstances.startedAt) : doubt;
  const inMs = waitMs(delivery, failure, circumstances);
  const late = at + inMs - delivery.acceptedAt > circumstances.retry.giveUpAfterMs;
  if (counts && late && tried >= ATTEMPTS_AT_LEAST) return givenUp(delivery, { at, tried, inDoubt, failure });
  return again(delivery, { at, inMs, attempts: tried, reason: failure.reason, doubt: inDoubt });
}

/** Slack's own wish first. What may have arrived is looked for at once, the first time. */
function waitMs(
  { attempts }: QueuedDelivery,
  failure: Exclude<Failure, { kind: 'refused' }>,
  { retry, random }: Circumstances,
): number {
  if (failure.kind === 'retry' && failure.afterMs !== undefined) return failure.afterMs;
  return failure.kind === 'unknown' && attempts === 0 ? 0 : backoffMs(retry, attempts + 1, random);
}

/** It may have arrived by any of the attempts so far, and looking begins anew. */
function renewed(doubt: Doubt | null, startedAt: number): Pick<Doubt, 'since' | 'lookups'> {
  return { since: doubt?.since ?? startedAt, lookups: 0 };
}

function again(
  { seq }: QueuedDelivery,
  { inMs, doubt, ...rest }: Omit<Retry, 'seq' | 'dueAt' | 'group'> & { readonly inMs: number },
): Decision {
  const { since, lookups } = doubt ?? {};
  const kept = since === undefined || lookups === undefined ? null : { since, lookups };
  return { kind: 'again', inMs, retry: { seq, dueAt: rest.at + inMs, doubt: kept, group: null, ...rest } };
}

/**
 * Known limit: an update that was made although its answer got lost, and was refused when it was repeated, is listed as
 * dead, and a later event that is older takes its place on the card.
 */
function dead(seq: number, at: number, reason: Reason): Decision {
  return { kind: 'end', completion: { seq, at, state: 'dead', reason } };
}

interface Surrender {
  readonly at: number;
  readonly tried: number;
  readonly inDoubt: Pick<Doubt, 'since' | 'lookups'> | null;
  readonly failure: Failure;
}

function givenUp({ seq }: QueuedDelivery, { at, tried, inDoubt, failure }: Surrender): Decision {
  const { detail: why } = failure.reason;
  const reason = (detail: string): Reason => ({ code: 'gave_up', detail: `${detail}: ${why}` });
  if (inDoubt === null) return dead(seq, at, reason(`Given up after ${tried} attempts`));
  const doubtful = reason(`Given up after ${tried} attempts, of which one may have arrived`);
  return { kind: 'end', completion: { seq, at, state: 'parked', reason: doubtful } };
}
