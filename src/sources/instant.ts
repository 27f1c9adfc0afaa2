/** When things happened, and are due, as events have it. */
import { MINUTE_MS } from '../core/clock.ts';
import { looksLikeInstant, readInstant } from '../core/instant.ts';
import { type Coerce, text } from './coerce.ts';

/** How far a sender's clock may be ahead. */
const AHEAD_MS = 5 * MINUTE_MS;

/** ISO 8601. Null for what is no instant: it cannot order events. */
export const instant: Coerce<string> = (value) => readInstant(value)?.iso ?? null;

/**
 * When an event happened that came in at `nowMs`. Nothing happens later than it is reported: what says so, by more than a
 * clock may be wrong, happened when it came in. So no event is the newest of its subject for years.
 */
export function occurredBy(nowMs: number): Coerce<string> {
  return (value) => {
    const found = readInstant(value);
    if (found === null) return null;
    return found.ms > nowMs + AHEAD_MS ? new Date(nowMs).toISOString() : found.iso;
  };
}

/** A due date may also be words ("end of week"): they are shown, not computed with. A time that cannot be is none. */
export function dueDate(value: unknown): string | null {
  return instant(value) ?? (looksLikeInstant(value) ? null : text(value));
}
