/**
 * Quiet hours: when nothing is told, and when that ends. Pure.
 *
 * It is quiet at an instant exactly when the wall time of that instant, in the window's zone, lies in `[from, to)` of a
 * window that begins on one of its days. So daylight saving needs no rule: an hour that comes twice is quiet twice, an
 * hour that is left out is not there.
 */

import { z } from 'zod';
import { DAY_MS, MINUTE_MS } from '../core/clock.ts';
import { closest, object } from '../language/schema.ts';
import { text } from '../language/values.ts';
import { isTimeZone, stretchAt } from './wall-time.ts';

/** In the order of the week, because `begins` counts in it. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** The zone of whoever a DM goes to. */
const RECIPIENT = 'recipient';

/** How far `quietUntil` looks ahead, ms. Windows repeat weekly, so what is quiet longer is as good as always quiet. */
export const LONGEST_QUIET_MS = 14 * DAY_MS;

const WINDOW_HELP =
  'A window is needed, such as { timezone: Europe/Paris, from: "19:00", to: "08:00" }, or a list of them.';
const TIME_ZONE_HELP =
  'A time zone is the name of a place, such as Europe/Paris, or UTC, or the word recipient (where the reader of a DM is).';
const DAY_HELP = `A day is one of ${DAYS.join(', ')}.`;
const FROM_HELP = 'A time of day is needed as HH:MM, in quotes, from "00:00" to "23:59".';
const TO_HELP = 'A time of day is needed as HH:MM, in quotes, from "00:00" to "24:00".';

const timezone = z.string({ error: TIME_ZONE_HELP }).refine((name) => name === RECIPIENT || isTimeZone(name), {
  error: ({ input }) => {
    const hint = zoneHint(String(input));
    return hint === null ? TIME_ZONE_HELP : `${hint} ${TIME_ZONE_HELP}`;
  },
});

/** Where those who write an abbreviation mostly are. */
const ABBREVIATED: Readonly<Record<string, string>> = {
  ...{ WET: 'Europe/Lisbon', BST: 'Europe/London', CET: 'Europe/Paris', CEST: 'Europe/Paris', MEZ: 'Europe/Berlin' },
  ...{ EET: 'Europe/Athens', EEST: 'Europe/Athens', MSK: 'Europe/Moscow', IST: 'Asia/Kolkata', JST: 'Asia/Tokyo' },
  ...{ EST: 'America/New_York', EDT: 'America/New_York', CST: 'America/Chicago', CDT: 'America/Chicago' },
  ...{ MST: 'America/Denver', MDT: 'America/Denver', PST: 'America/Los_Angeles', PDT: 'America/Los_Angeles' },
  ...{ AEST: 'Australia/Sydney', AEDT: 'Australia/Sydney', NZST: 'Pacific/Auckland' },
};

/** What to write instead of a name that is no time zone; null where that is not known. */
export function zoneHint(written: string): string | null {
  const place = ABBREVIATED[written.trim().toUpperCase()];
  if (place !== undefined) return `Abbreviations are ambiguous: did you mean "${place}"?`;
  if (/^(?:UTC|GMT|Z)?\s*[+-]\d/i.test(written)) return 'An offset from UTC ignores summer time.';
  const near = closestZone(written);
  return near === null ? null : `Did you mean "${near}"?`;
}

/** Also finds `Europe/Paris` where only `Paris` was written. */
function closestZone(name: string): string | null {
  const known = [RECIPIENT, 'UTC', ...Intl.supportedValuesOf('timeZone')];
  const city = `/${name.trim().replaceAll(' ', '_').toLowerCase()}`;
  return known.find((zone) => zone.toLowerCase().endsWith(city)) ?? closest(name, known);
}

/** `08:30`: ms after midnight. */
function timeOfDay(pattern: RegExp, help: string) {
  return z
    .string({ error: help })
    .regex(pattern, { error: help })
    .transform((written) => (Number(written.slice(0, 2)) * 60 + Number(written.slice(3))) * MINUTE_MS);
}

const quietWindowSchema = object({
  timezone: timezone.describe(TIME_ZONE_HELP),
  days: z
    .array(z.enum(DAYS, { error: DAY_HELP }), { error: `A list of days is needed. ${DAY_HELP}` })
    .min(1, 'At least one day is needed; without the list, it is every day.')
    .default([...DAYS])
    .describe('The days on which the window begins; it may end on the next. Default: every day.'),
  from: timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/, FROM_HELP).describe('When it begins: HH:MM, in quotes.'),
  to: timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, TO_HELP).describe(
    'When it ends: HH:MM, in quotes. Before `from`: on the next day.',
  ),
}).transform(({ from, to, ...rest }): QuietWindow => ({ ...rest, fromMs: from, toMs: to > from ? to : to + DAY_MS }));

const PARTS_OF_A_WINDOW: readonly string[] = ['timezone', 'from', 'to'];
const NAME_HELP =
  'Quiet hours need a name around their window, such as nights: { timezone: Europe/Paris, from: "19:00", to: "08:00" }.';

/** A name may hold one window or a list; a list is what comes out. */
export const quietHoursSchema = z.record(
  text.refine((name) => !PARTS_OF_A_WINDOW.includes(name), { error: NAME_HELP }),
  z.union(
    [quietWindowSchema.transform((one) => [one]), z.array(quietWindowSchema).min(1, 'At least one window is needed.')],
    { error: WINDOW_HELP },
  ),
  { error: 'Names are needed here, each with a window or a list of windows.' },
);

export interface QuietWindow {
  /** A name that `Intl` knows, or `recipient`. */
  readonly timezone: string;
  /** The days on which the window begins. */
  readonly days: readonly (typeof DAYS)[number][];
  /** Wall time at which it begins, ms after midnight. */
  readonly fromMs: number;
  /** Wall time at which it ends, ms after the midnight `fromMs` counts from: past 24 h it ends on the next day. */
  readonly toMs: number;
}

/**
 * Null when it is not quiet at `now` (ms since the epoch); else the first instant after it at which it is not quiet any
 * more, windows that touch or overlap taken together. At most `LONGEST_QUIET_MS` ahead, also if it is still quiet then.
 *
 * `recipientZone` stands for `recipient`. While it is null or not known, the windows that need it do not apply: nothing
 * is held back by a guess.
 */
export function quietUntil(windows: readonly QuietWindow[], now: number, recipientZone: string | null): number | null {
  const bound = now + LONGEST_QUIET_MS;
  let at = now;
  let moved = true;
  // All of [now, at) is quiet, so it ends where no window reaches beyond `at`.
  while (moved && at < bound) {
    moved = false;
    for (const window of windows) {
      const later = quietBeyond(window, at, recipientZone);
      if (later === null) continue;
      at = later;
      moved = true;
    }
  }
  return at === now ? null : Math.min(at, bound);
}

/** Whether the answer depends on the recipient's zone. */
export function needsRecipient(windows: readonly QuietWindow[]): boolean {
  return windows.some((window) => window.timezone === RECIPIENT);
}

/** An instant up to which the window is quiet from `at` on; it may be quiet then, too. Null: it is not quiet at `at`. */
function quietBeyond(window: QuietWindow, at: number, recipientZone: string | null): number | null {
  const zone = window.timezone === RECIPIENT ? recipientZone : window.timezone;
  const stretch = zone === null ? null : stretchAt(zone, at);
  if (stretch === null) return null;
  const wall = at + stretch.offsetMs;
  const day = Math.floor(wall / DAY_MS);
  const left = msLeft(window, day, wall - day * DAY_MS);
  return left === 0 ? null : Math.min(at + left, stretch.until);
}

/** How long the window still lasts on the wall, ms; 0 outside. `day` is counted from the epoch, `sinceMidnight` is ms. */
function msLeft(window: QuietWindow, day: number, sinceMidnight: number): number {
  const sinceLastMidnight = sinceMidnight + DAY_MS;
  if (sinceMidnight >= window.fromMs && sinceMidnight < window.toMs && begins(window, day)) {
    return window.toMs - sinceMidnight;
  }
  return sinceLastMidnight < window.toMs && begins(window, day - 1) ? window.toMs - sinceLastMidnight : 0;
}

/** Day 0 of the epoch was a Thursday. */
function begins(window: QuietWindow, day: number): boolean {
  const weekday = DAYS[(((day + 3) % DAYS.length) + DAYS.length) % DAYS.length];
  return weekday !== undefined && window.days.includes(weekday);
}
