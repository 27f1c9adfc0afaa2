/** When a lane may send: while Slack takes us at all, at its own pace, and at the workspace's where that is slower. */
import type { DeliverySettings } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import type { QueuedDelivery } from '../../journal/contract.ts';
import { mayPost } from '../../verbs/post-once.ts';
import type { SlackHealth } from '../health.ts';
import { TokenBuckets } from './token-bucket.ts';
import type { WorkspaceLimit } from './workspace-limit.ts';

/** While Slack refuses our credential, lanes look this often; they are woken as soon as it is good again. */
export const PAUSED_MS = 60_000;

export interface RateGateParts {
  readonly health: Pick<SlackHealth, 'trouble'>;
  readonly settings: () => Pick<DeliverySettings, 'perChannel'>;
  readonly workspace: Pick<WorkspaceLimit, 'take'>;
  readonly clock: Clock;
}

export class RateGate {
  readonly #buckets: TokenBuckets;
  readonly #parts: RateGateParts;

  constructor(parts: RateGateParts) {
    this.#parts = parts;
    this.#buckets = new TokenBuckets(() => parts.settings().perChannel, parts.clock);
  }

  /** ms until the lane may send; 0 takes its turn. */
  take(lane: string): number {
    if (this.paused) return PAUSED_MS;
    const waitMs = this.#buckets.waitMs(lane) || this.#parts.workspace.take(lane);
    if (waitMs === 0) this.#buckets.take(lane);
    return waitMs;
  }

  /** While true, nothing is sent. */
  get paused(): boolean {
    return this.#parts.health.trouble() !== null;
  }

  /** ms since the epoch: until then the lane's pace is used up in part; 0 where it is not. */
  paceOf(lane: string): number {
    const usedMs = this.#buckets.usedMs(lane);
    return usedMs === 0 ? 0 : this.#parts.clock.now() + usedMs;
  }

  /** As another instance gave it with `paceOf`. What is known here already stays. */
  setPace(lane: string, until: number): void {
    this.#buckets.used(lane, until - this.#parts.clock.now());
  }

  /** ms until the delivery may be tried; 0 takes the lane's turn where it may post. */
  takeFor({ lane, doubt, dueAt, dueSetAt }: Pick<QueuedDelivery, 'lane' | 'doubt' | 'dueAt' | 'dueSetAt'>): number {
    const now = this.#parts.clock.now();
    // Where the clock was set back, how long to wait is not known any more: an early call does less harm than hours.
    const early = now < dueSetAt ? 0 : dueAt - now;
    if (early > 0) return early;
    if (this.paused) return PAUSED_MS;
    return mayPost(doubt) ? this.take(lane) : 0;
  }
}
