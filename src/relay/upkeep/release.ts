/**
 * What quiet hours hold back is released when they end: its lanes are woken, and what was held goes out together. Of
 * several instances the first to look releases it, and all look now and then: what one held, another releases.
 */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Journal } from '../../journal/contract.ts';

/** However far the next one is: the time of day may be set meanwhile, and a replay may have been held. */
const LOOK_EVERY_MS = 30_000;

export interface Release {
  start(): void;
  /** Something is held until then, ms since the epoch. */
  note(until: number): void;
  stop(): void;
}

export interface ReleaseParts {
  readonly journal: Pick<Journal, 'release'>;
  readonly wake: (lane: string) => void;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

export function createRelease({ journal, wake, clock, log }: ReleaseParts): Release {
  /** ms since the epoch: when it looks next. */
  let lookAt = Number.POSITIVE_INFINITY;
  let cancel: (() => void) | null = null;
  let started = false;

  function schedule(at: number): void {
    if (!started || at >= lookAt) return;
    cancel?.();
    lookAt = at;
    cancel = clock.after(Math.max(0, at - clock.now()), () => void look());
  }

  async function look(): Promise<void> {
    const now = clock.now();
    lookAt = Number.POSITIVE_INFINITY;
    try {
      const { lanes, nextAt } = await journal.release(now);
      for (const lane of lanes) wake(lane);
      if (nextAt !== null) schedule(nextAt);
    } catch (error) {
      log.warn({ err: error }, 'what was held could not be released; tried again');
    }
    schedule(now + LOOK_EVERY_MS);
  }

  return {
    start() {
      started = true;
      void look();
    },
    note: schedule,
    stop() {
      started = false;
      cancel?.();
    },
  };
}
