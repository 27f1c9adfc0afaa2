/**
 * A lane: one Slack conversation's deliveries, strictly in order of acceptance. The first one that cannot go out yet
 * holds back those behind it, and nobody else's.
 */

import type { DeliverySettings } from '../config/config.ts';
import { backoffMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Failure, Reason } from '../core/outcome.ts';
import type { Journal, QueuedDelivery } from '../journal/journal.ts';
import type { Deliver, Delivered } from './deliver.ts';
import type { SlackHealth } from './health.ts';
import type { LaneWork } from './lanes.ts';
import { Pacer } from './pacer.ts';

/** Read from the journal at once: a backlog lives on disk, not in memory. */
const BATCH = 16;

export interface LaneParts {
  readonly journal: Pick<Journal, 'next' | 'markSending' | 'settle' | 'postpone'>;
  readonly deliver: Deliver;
  readonly health: Pick<SlackHealth, 'learn'>;
  readonly settings: Pick<DeliverySettings, 'perChannel' | 'retry'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

export function createLaneWork(parts: LaneParts): LaneWork {
  const { journal, clock } = parts;
  const pacer = new Pacer(parts.settings.perChannel, clock);

  return {
    mayStart: (lane) => pacer.take(lane) === 0,

    async sendClaimed(delivery) {
      const { retryInMs, recorded } = await attempt(delivery, parts);
      await recorded;
      return retryInMs;
    },

    async drain(lane, stopping) {
      while (true) {
        const batch = await journal.next(lane, BATCH);
        if (batch.length === 0) return null;
        const waitMs = await sendInOrder(batch, pacer, { parts, stopping });
        if (waitMs !== null || stopping()) return waitMs;
      }
    },
  };
}

/** Sends one after the other. Gives ms until the first that has to wait wants to go on, or null when none has. */
async function sendInOrder(
  batch: readonly QueuedDelivery[],
  pacer: Pacer,
  { parts, stopping }: { parts: LaneParts; stopping: () => boolean },
): Promise<number | null> {
  const { journal, clock } = parts;
  let waitMs: number | null = null;
  // That one has ended is recorded together with that the next begins: one commit instead of two.
  let recorded: Promise<void> = Promise.resolve();
  for (const delivery of batch) {
    if (stopping()) break;
    waitMs = waitBefore(delivery, pacer, clock);
    if (waitMs !== null) break;
    await Promise.all([recorded, journal.markSending(delivery.seq, clock.now())]);
    const tried = await attempt(delivery, parts);
    recorded = tried.recorded;
    waitMs = tried.retryInMs;
    if (waitMs !== null) break;
  }
  await recorded;
  return waitMs;
}

/** ms until the delivery may be tried; null takes the lane's turn. */
function waitBefore(delivery: QueuedDelivery, pacer: Pacer, clock: Clock): number | null {
  const early = delivery.dueAt - clock.now();
  const waitMs = early > 0 ? early : pacer.take(delivery.lane);
  return waitMs > 0 ? waitMs : null;
}

interface Attempt {
  /** ms until the next attempt; null when the delivery has ended. */
  readonly retryInMs: number | null;
  /** Resolves when the journal knows. */
  readonly recorded: Promise<void>;
}

/** One attempt at a delivery that the journal knows to be `sending`. */
async function attempt(delivery: QueuedDelivery, parts: LaneParts): Promise<Attempt> {
  const { journal, clock, deliver, health } = parts;
  const started = clock.monotonic();
  const result = await deliver(delivery);
  const decision = decide(delivery, result, parts);
  if (result.kind === 'failed') health.learn(result.failure);
  else if (result.ending.state === 'sent') health.learn({ kind: 'sent', value: null });
  logAttempt(delivery, decision, { log: parts.log, ms: clock.monotonic() - started });
  return decision.kind === 'end'
    ? { retryInMs: null, recorded: journal.settle(decision.settlement) }
    : { retryInMs: Math.max(1, decision.inMs), recorded: journal.postpone(decision.postponement) };
}

type Decision =
  | { readonly kind: 'end'; readonly settlement: Parameters<Journal['settle']>[0] }
  | {
      readonly kind: 'again';
      readonly inMs: number;
      readonly postponement: Parameters<Journal['postpone']>[0];
    };

function decide(delivery: QueuedDelivery, result: Delivered, parts: LaneParts): Decision {
  const { seq } = delivery;
  const at = parts.clock.now();
  if (result.kind === 'ended') return { kind: 'end', settlement: { seq, at, ...result.ending } };
  const { failure } = result;
  const dead = (reason: Reason): Decision => ({ kind: 'end', settlement: { seq, at, state: 'dead', reason } });
  if (failure.kind === 'refused' && failure.scope !== 'credential') return dead(failure.reason);
  const inMs = waitMs(delivery, failure, parts);
  const counts = !(failure.kind === 'retry' && failure.limited) && failure.kind !== 'refused';
  if (counts && at + inMs - delivery.acceptedAt > parts.settings.retry.giveUpAfterMs) {
    return dead({
      code: 'gave_up',
      detail: `Given up after ${delivery.attempts + 1} attempts: ${failure.reason.detail}`,
    });
  }
  const attempts = delivery.attempts + (counts ? 1 : 0);
  return { kind: 'again', inMs, postponement: { seq, attempts, dueAt: at + inMs, reason: failure.reason } };
}

/** Slack's own wish first; a refused credential waits for the longest, since only a person can mend it. */
function waitMs(delivery: QueuedDelivery, failure: Failure, { settings, random }: LaneParts): number {
  if (failure.kind === 'retry' && failure.afterMs !== undefined) return failure.afterMs;
  if (failure.kind === 'refused') return settings.retry.maxMs;
  return backoffMs(settings.retry, delivery.attempts + 1, random);
}

/** The canonical line of an attempt. */
function logAttempt(
  delivery: QueuedDelivery,
  decision: Decision,
  { log, ms }: { log: LaneParts['log']; ms: number },
): void {
  const { seq, lane, route, target, event } = delivery;
  const ended = decision.kind === 'end';
  const reason = ended ? decision.settlement.reason : decision.postponement.reason;
  const line = {
    delivery: seq,
    source: event.source,
    event: event.id,
    lane,
    route,
    verb: target.verb,
    attempt: delivery.attempts + 1,
    outcome: ended ? decision.settlement.state : 'retry',
    ...(reason && { code: reason.code, detail: reason.detail }),
    ...(ended ? decision.settlement.placement : { retry_in_ms: decision.inMs }),
    ms: Math.round(ms * 10) / 10,
  };
  if (reason === undefined) log.info(line, 'delivery');
  else log.warn(line, 'delivery');
}
