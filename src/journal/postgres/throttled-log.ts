/** Warnings that would come by the hundred while a database is away: each kind at most once a minute. */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';

export interface ThrottledLog {
  /** `what` is the kind. Of the error its code is logged and nothing else: messages may hold values. */
  warn(what: string, error?: unknown): void;
}

const EVERY_MS = 60_000;

/** An SQLSTATE or one of Node's codes. */
const CODE = /^[A-Z0-9_]{2,40}$/;

export function throttledLog(log: Pick<Logger, 'warn'>, clock: Pick<Clock, 'monotonic'>): ThrottledLog {
  const loggedAt = new Map<string, number>();
  return {
    warn(what, error) {
      const now = clock.monotonic();
      const last = loggedAt.get(what);
      if (last !== undefined && now - last < EVERY_MS) return;
      loggedAt.set(what, now);
      log.warn(error === undefined ? {} : { code: codeOf(error) }, what);
    },
  };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' && CODE.test(error.code) ? error.code : error.name;
}
