/** Instants as people write them in cases and on the command line: `23:00`, `sat 11:00`, `2026-03-02 09:00 UTC`. */

import type { Config } from '../config/config.ts';
import { DAY_MS, MINUTE_MS } from '../core/clock.ts';
import { readInstant } from '../core/instant.ts';
import { isTimeZone, stretchAt } from '../routing/wall-time.ts';
import type { Choice } from './event.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Where no time is written: a Tuesday at noon, outside of anybody's quiet hours, and the same one every day. */
export const SOME_TUESDAY = '2026-03-03 12:00';

export const INSTANT_HELP =
  'A time is needed, as "23:00", "sat 11:00", "2026-03-02 09:00" (each with a time zone behind it if you like: "23:00 Europe/Paris") or in ISO 8601.';

const WRITTEN =
  /^(?:(?<day>sun|mon|tue|wed|thu|fri|sat)\s+)?(?:(?<date>\d{4}-\d\d-\d\d)(?:[T\s]+|$))?(?:(?<time>\d\d:\d\d)(?::\d\d)?)?(?:\s+(?<zone>[A-Za-z][\w+/-]*))?$/i;

export interface InstantContext {
  /** Null: the config names several, so a time of day needs one behind it. */
  readonly zone: string | null;
  /** ms since the epoch: the day that a time of day is on. */
  readonly base: number;
  /** Which of its days: the base's own, or the first that comes at or after the base. */
  readonly when: 'that-day' | 'next';
}

/** ms since the epoch, or what is wrong. */
export function instant(text: string, { zone, base, when }: InstantContext): Choice<number> {
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/i.test(text)) {
    const exact = readInstant(text);
    return exact === null ? { ok: false, problem: `There is no such time: ${text}.` } : { ok: true, value: exact.ms };
  }
  const { day, date, time, zone: named = zone } = WRITTEN.exec(text.trim())?.groups ?? {};
  if (date === undefined && time === undefined) return { ok: false, problem: INSTANT_HELP };
  if (named === null)
    return {
      ok: false,
      problem: `The config has several time zones: write one behind it, as in "${text} Europe/Paris".`,
    };
  if (!isTimeZone(named)) return { ok: false, problem: `There is no time zone "${named}".` };
  const clock = time === undefined ? 0 : minutesOf(time) * MINUTE_MS;
  if (date !== undefined) {
    const midnight = readInstant(date)?.ms;
    if (midnight === undefined || clock >= DAY_MS) return { ok: false, problem: `There is no such time: ${text}.` };
    return { ok: true, value: fromWall(midnight + clock, named) };
  }
  if (clock >= DAY_MS) return { ok: false, problem: `There is no such time: ${text}.` };
  const today = Math.floor((base + offsetAt(named, base)) / DAY_MS);
  const days = Array.from({ length: 8 }, (_, ahead) => today + ahead).filter(
    (one) => day === undefined || weekday(one) === day.toLowerCase(),
  );
  const candidates = days.map((one) => fromWall(one * DAY_MS + clock, named));
  const value = candidates.find((at) => when === 'that-day' || at >= base);
  return value === undefined ? { ok: false, problem: INSTANT_HELP } : { ok: true, value };
}

/** `Tue 2026-03-03 12:00 Europe/Paris`: to read, and to write in a case. */
export function instantText(at: number, zone: string | null): string {
  const wall = at + offsetAt(zone ?? 'UTC', at);
  const name = weekday(Math.floor(wall / DAY_MS));
  const day = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return `${day} ${new Date(wall).toISOString().slice(0, 16).replace('T', ' ')} ${zone ?? 'UTC'}`;
}

/** The zone of the quiet hours that routes name; UTC where there are none, null where they are in several. */
export function zoneOf({ routes }: Pick<Config, 'routes'>): string | null {
  const windows = routes.flatMap(({ quiet }) => quiet?.windows ?? []);
  const zones = new Set(windows.map(({ timezone }) => timezone).filter((zone) => zone !== 'recipient'));
  const [first = 'UTC', ...others] = zones;
  return others.length === 0 ? first : null;
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return minutes === undefined || minutes > 59 ? Number.POSITIVE_INFINITY : (hours ?? 0) * 60 + minutes;
}

function weekday(daysSinceEpoch: number): string {
  // The first of January 1970 was a Thursday.
  return DAYS[(daysSinceEpoch + 4) % 7] ?? '';
}

/** Of an hour that comes twice, the second; for one that clocks leave out, an hour beside it. */
function fromWall(wall: number, zone: string): number {
  const near = wall - offsetAt(zone, wall);
  return wall - offsetAt(zone, near);
}

function offsetAt(zone: string, at: number): number {
  return stretchAt(zone, at)?.offsetMs ?? 0;
}
