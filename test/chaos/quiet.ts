/** Quiet hours of a run: minutes long, so that they begin and end within it. */

/** Planned: whole minutes after the run's first. */
export interface QuietMinutes {
  readonly from: number;
  readonly length: 1 | 2;
}

/** ms since the epoch: quiet for `from <= at < until`. */
export interface QuietWindow {
  readonly from: number;
  readonly until: number;
}

const MINUTE_MS = 60_000;
/** What is left of this minute, so that something is held in it; else the first window begins with the next one. */
const LEFT_AT_LEAST_MS = 12_000;

/** `now`: ms since the epoch. */
export function placeWindows(quiet: readonly QuietMinutes[], now: number): QuietWindow[] {
  const first = Math.floor((now + LEFT_AT_LEAST_MS) / MINUTE_MS) * MINUTE_MS;
  return quiet.map(({ from, length }) => ({
    from: first + from * MINUTE_MS,
    until: first + (from + length) * MINUTE_MS,
  }));
}

/** `HH:MM`, in UTC. */
export function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** Until when something that came at `at` is held back, ms since the epoch; null: not at all. */
export function heldUntil(windows: readonly QuietWindow[], at: number): number | null {
  return windows.find(({ from, until }) => from <= at && at < until)?.until ?? null;
}
