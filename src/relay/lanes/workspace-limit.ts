/**
 * Slack limits each channel, and also what an app posts in the whole workspace; it answers 429 to both and says not
 * which. Where many channels are limited at once it is the workspace: then all lanes pause together and go on at half the
 * rate they had, one after the other, a little faster with every while that passes without another limit.
 *
 * Instances tell each other what was limited, for each of them meets but a part of it. What got through each counts for
 * itself.
 *
 * Known limit: channels that are each written to faster than Slack lets a channel be (delivery.per_channel) look the same.
 */
import type { Clock } from '../../core/clock.ts';
import type { SlackGateway } from '../../slack/gateway.ts';

/** Channels limited within the window that make it the workspace, if they are as many as got through. */
const MANY_CHANNELS = 5;
const WINDOW_MS = 3_000;
/** Without a limit for this long, the rate goes up by a quarter. */
const FASTER_EVERY_MS = 5_000;
const FASTER_BY = 1.25;
/** From this many times the rate at which the limit was met, nothing is held back any more. */
const OVER_AT = 4;
const SLOWEST_PER_SECOND = 0.5;
/** Instants remembered before those outside the window are swept away, at least. */
const SENT_KEPT = 4_096;

interface Slowdown {
  perSecond: number;
  /** What ends it. */
  readonly endsAt: number;
  /** Monotonic ms. */
  fasterAt: number;
  nextFree: number;
}

export class WorkspaceLimit {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Channel → monotonic ms of what was heard last, in that order. */
  readonly #limited = new Map<string, number>();
  readonly #sent = new Map<string, number>();
  /** Turns that were given out, as monotonic ms: a lane has at most one. */
  readonly #turns = new Map<string, number>();
  #sentInWindow: number[] = [];
  /** So many instants are remembered before the next sweep: twice what the last one left, or each would be swept. */
  #sweepAt = SENT_KEPT;
  #slowdown: Slowdown | null = null;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether all lanes are held back at the moment. */
  get active(): boolean {
    return this.#slowdown !== null;
  }

  /** ms until the lane may send; 0 takes its turn. Turns are given in the order in which lanes ask. */
  take(lane: string): number {
    const slowdown = this.#slowdown;
    if (slowdown === null) return 0;
    const now = this.#clock.monotonic();
    this.#quicken(slowdown, now);
    const turn = this.#turns.get(lane) ?? Math.max(now, slowdown.nextFree);
    if (!this.#turns.has(lane)) slowdown.nextFree = turn + 1000 / slowdown.perSecond;
    if (turn <= now) {
      this.#turns.delete(lane);
      return 0;
    }
    this.#turns.set(lane, turn);
    return Math.ceil(turn - now);
  }

  /** Slack took a message for this channel. */
  sent(channel: string): void {
    const now = this.#clock.monotonic();
    note(this.#sent, channel, now);
    this.#sentInWindow.push(now);
    if (this.#sentInWindow.length <= this.#sweepAt) return;
    this.#sentInWindow = this.#sentInWindow.filter((at) => at > now - WINDOW_MS);
    this.#sweepAt = Math.max(SENT_KEPT, 2 * this.#sentInWindow.length);
    forgetBefore(this.#sent, now - WINDOW_MS);
  }

  /** Slack asked this channel to wait. */
  limited(channel: string, afterMs: number): void {
    const now = this.#clock.monotonic();
    note(this.#limited, channel, now);
    forgetBefore(this.#sent, now - WINDOW_MS);
    forgetBefore(this.#limited, now - WINDOW_MS);
    if (this.#limited.size < MANY_CHANNELS || this.#limited.size < this.#sent.size) return;
    this.#slowDown(now, afterMs);
  }

  #slowDown(now: number, afterMs: number): void {
    const rate = this.#sentInWindow.filter((at) => at > now - WINDOW_MS).length / (WINDOW_MS / 1000);
    const met = this.#slowdown?.perSecond ?? rate;
    this.#slowdown = {
      perSecond: Math.max(SLOWEST_PER_SECOND, met / 2),
      endsAt: this.#slowdown?.endsAt ?? Math.max(1, rate) * OVER_AT,
      fasterAt: now + afterMs + FASTER_EVERY_MS,
      nextFree: now + afterMs,
    };
    // Given out for a rate that was too high.
    this.#turns.clear();
    this.#limited.clear();
    this.#sentInWindow = [];
  }

  #quicken(slowdown: Slowdown, now: number): void {
    while (slowdown.fasterAt <= now) {
      slowdown.perSecond *= FASTER_BY;
      slowdown.fasterAt += FASTER_EVERY_MS;
    }
    if (slowdown.perSecond < slowdown.endsAt) return;
    this.#slowdown = null;
    this.#turns.clear();
  }
}

/**
 * The same gateway; what becomes of its posts is learnt from. Other methods have limits of their own. `onLimited` is
 * told which channel Slack asked to wait, and for how many ms.
 */
export function watchPosts(
  gateway: SlackGateway,
  limit: WorkspaceLimit,
  onLimited: (channel: string, afterMs: number) => void = () => undefined,
): SlackGateway {
  return {
    ...gateway,
    async post(posting) {
      const outcome = await gateway.post(posting);
      if (outcome.kind === 'sent') limit.sent(posting.channel);
      else if (outcome.kind === 'retry' && outcome.limited && outcome.afterMs !== undefined) {
        limit.limited(posting.channel, outcome.afterMs);
        onLimited(posting.channel, outcome.afterMs);
      }
      return outcome;
    },
  };
}

function note(times: Map<string, number>, channel: string, now: number): void {
  times.delete(channel);
  times.set(channel, now);
}

/** The oldest stand first. */
function forgetBefore(times: Map<string, number>, before: number): void {
  for (const [channel, at] of times) {
    if (at > before) return;
    times.delete(channel);
  }
}
