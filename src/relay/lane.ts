/**
 * A lane: one Slack conversation's deliveries, strictly in order of acceptance. The first one that cannot go out yet
 * holds back those behind it, and nobody else's.
 */
import type { DeliverySettings } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { LISTED_STATES } from '../core/delivery.ts';
import { faultPoint } from '../core/fault-point.ts';
import type { Logger } from '../core/log.ts';
import type { Journal, QueuedDelivery, Settlement } from '../journal/journal.ts';
import { type Decision, decide } from './decision.ts';
import type { Deliver, Delivered } from './deliver.ts';
import type { SlackHealth } from './health.ts';
import type { LaneWork } from './lanes.ts';
import { Pacer } from './pacer.ts';
import { mayPost } from './posting.ts';
import { RELAY_SOURCE } from './reports.ts';
import type { WorkspaceLimit } from './workspace-limit.ts';

/** Read from the journal at once: a backlog lives on disk, not in memory. */
const BATCH = 16;

/** While Slack refuses our credential, lanes look this often; they are woken as soon as it is good again. */
const PAUSED_MS = 60_000;

export interface LaneParts {
  readonly journal: Pick<Journal, 'next' | 'markSending' | 'settle' | 'postpone'>;
  readonly deliver: Deliver;
  readonly health: Pick<SlackHealth, 'learn' | 'trouble'>;
  readonly settings: Pick<DeliverySettings, 'perChannel' | 'retry'>;
  readonly workspace: Pick<WorkspaceLimit, 'take'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Something did not arrive, or may not have. */
  readonly onListed: () => void;
}

export function createLaneWork(parts: LaneParts): LaneWork {
  const turns = new Turns(parts);
  return {
    mayStart: (lane) => turns.take(lane) === 0,

    async sendClaimed(delivery) {
      const { retryInMs, recorded } = await attempt(delivery, parts);
      await recorded;
      return retryInMs;
    },

    async drain(lane, stopping) {
      while (true) {
        if (parts.health.trouble() !== null) return PAUSED_MS;
        const batch = await parts.journal.next(lane, BATCH);
        if (batch.length === 0) return null;
        const waitMs = await sendInOrder(batch, turns, { parts, stopping });
        if (waitMs !== null || stopping()) return waitMs;
      }
    },
  };
}

/** When a lane may send: while Slack takes us at all, at its own pace, and at the workspace's where that is slower. */
class Turns {
  readonly #pacer: Pacer;
  readonly #parts: LaneParts;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#pacer = new Pacer(parts.settings.perChannel, parts.clock);
  }

  /** ms until the lane may send; 0 takes its turn. */
  take(lane: string): number {
    if (this.#parts.health.trouble() !== null) return PAUSED_MS;
    const waitMs = this.#pacer.waitMs(lane) || this.#parts.workspace.take(lane);
    if (waitMs === 0) this.#pacer.take(lane);
    return waitMs;
  }

  /** ms until the delivery may be tried; 0 takes the lane's turn where it may post. */
  takeFor({ lane, doubt, dueAt, dueSetAt }: QueuedDelivery): number {
    const now = this.#parts.clock.now();
    // Where the clock was set back, how long to wait is not known any more: an early call does less harm than hours.
    const early = now < dueSetAt ? 0 : dueAt - now;
    if (early > 0) return early;
    if (this.#parts.health.trouble() !== null) return PAUSED_MS;
    return mayPost(doubt) ? this.take(lane) : 0;
  }
}

/** Sends one after the other. Gives ms until the first that has to wait wants to go on, or null when none has. */
async function sendInOrder(
  batch: readonly QueuedDelivery[],
  turns: Turns,
  { parts, stopping }: { parts: LaneParts; stopping: () => boolean },
): Promise<number | null> {
  const { journal, clock } = parts;
  // That one has ended is recorded together with that the next begins: one commit instead of two.
  let recorded: Promise<void> = Promise.resolve();
  let waitMs: number | null = null;
  for (const delivery of batch) {
    if (stopping()) break;
    const early = turns.takeFor(delivery);
    if (early > 0) {
      waitMs = early;
      break;
    }
    // What only looks leaves nothing in Slack, and stays as it is.
    const marked = mayPost(delivery.doubt) ? journal.markSending(delivery.seq, clock.now()) : null;
    await Promise.all([recorded, marked]);
    faultPoint('accept.answered');
    const tried = await attempt(delivery, parts);
    recorded = tried.recorded;
    waitMs = tried.retryInMs;
    if (waitMs !== null) break;
  }
  await recorded;
  return waitMs;
}

interface Attempt {
  /** ms until the next attempt; null when the delivery has ended. */
  readonly retryInMs: number | null;
  /** Resolves when the journal knows. */
  readonly recorded: Promise<void>;
}

async function attempt(delivery: QueuedDelivery, parts: LaneParts): Promise<Attempt> {
  const { clock, random, journal, settings } = parts;
  const startedAt = clock.now();
  const started = clock.monotonic();
  const result = await parts.deliver(delivery);
  learn(result, parts.health);
  const { retry } = settings;
  const decision = decide(delivery, result, { startedAt, at: clock.now(), retry, random });
  logAttempt(delivery, decision, { log: parts.log, ms: clock.monotonic() - started });
  if (decision.kind === 'again') {
    // A lane that is paused is woken; one that may look or send again at once does.
    const retryInMs = parts.health.trouble() === null ? Math.max(1, decision.inMs) : PAUSED_MS;
    return { retryInMs, recorded: journal.postpone(decision.postponement) };
  }
  return { retryInMs: null, recorded: settle(delivery, decision.settlement, parts) };
}

/** What an answer says about more than this delivery. */
function learn(result: Delivered, health: LaneParts['health']): void {
  if (result.kind === 'failed') health.learn(result.failure);
  else if (result.kind === 'ended' && result.ending.state === 'sent') health.learn({ kind: 'sent', value: null });
}

async function settle(delivery: QueuedDelivery, settlement: Settlement, parts: LaneParts): Promise<void> {
  const listed = LISTED_STATES.some((state) => state === settlement.state);
  if (!listed) return parts.journal.settle(settlement);
  // A report that does not arrive is not reported in its turn.
  const unreported = delivery.event.source === RELAY_SOURCE;
  await parts.journal.settle({ ...settlement, unreported });
  if (!unreported) parts.onListed();
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
