/**
 * Retention: what has ended and is older than `retention` is removed, a few rows at a time, beside all other work.
 *
 * Known limit: several instances sweep by turns, each by its own `retention`: where these differ, the shortest counts.
 */
import { type Clock, DAY_MS, HOUR_MS } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Journal, PruneCursor } from '../../journal/contract.ts';

/** A sweep begins this often, or ten times a retention that is shorter. */
const SWEEP_EVERY_MS = HOUR_MS;
const SWEEP_AT_MOST_EVERY_MS = 1_000;
/** Rows looked at in one commit, and the pause until the next, so that events are stored in between. */
const STEP_ROWS = 200;
const STEP_EVERY_MS = 25;
/** A card is where an action's thread goes on, however long it rested: it is small, and kept for much longer. So is the audit. */
const CARDS_KEPT_MS = 365 * DAY_MS;

export interface RetentionParts {
  readonly journal: Pick<Journal, 'prune'>;
  /** How long what has ended is kept. */
  readonly retentionMs: () => number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

export interface Retention {
  start(): void;
  /** Resolves when nothing of it is under way. */
  stop(): Promise<void>;
}

export function createRetention({ journal, retentionMs, clock, log }: RetentionParts): Retention {
  const everyMs = () => Math.min(SWEEP_EVERY_MS, Math.max(SWEEP_AT_MOST_EVERY_MS, retentionMs() / 10));
  let cancel: (() => void) | null = null;
  let step: Promise<void> = Promise.resolve();
  let stopped = false;
  let removed = 0;

  function schedule(afterMs: number, resume: PruneCursor | null): void {
    if (stopped) return;
    cancel = clock.after(afterMs, () => {
      step = prune(resume);
    });
  }

  async function prune(resume: PruneCursor | null): Promise<void> {
    const now = clock.now();
    const before = now - retentionMs();
    const cardsBefore = now - Math.max(retentionMs(), CARDS_KEPT_MS);
    try {
      const pruned = await journal.prune({ before, cardsBefore, now, resume, limit: STEP_ROWS });
      removed += pruned.removed;
      if (pruned.next !== null) return schedule(STEP_EVERY_MS, pruned.next);
      if (removed > 0) log.info({ removed }, 'old rows removed');
      removed = 0;
    } catch (error) {
      log.warn({ err: error }, 'old rows could not be removed; tried again later');
    }
    schedule(everyMs(), null);
  }

  return {
    start: () => schedule(everyMs() === SWEEP_EVERY_MS ? STEP_EVERY_MS : everyMs(), null),
    async stop() {
      stopped = true;
      cancel?.();
      await step;
    },
  };
}
