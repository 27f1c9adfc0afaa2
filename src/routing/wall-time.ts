/**
 * What clocks on the wall show in a time zone. `Intl` is asked twice per zone and day, and once more for each step of
 * the search on a day that moves the clock; in between, an instant costs a look-up.
 */

import { LRUCache } from 'lru-cache';
import { DAY_MS } from '../core/clock.ts';

/** A time over which the clocks of a zone are not moved: wall time is `at + offsetMs` for `from <= at < until`. */
export interface Stretch {
  /** ms since the epoch */
  readonly from: number;
  /** ms since the epoch; the clocks need not be moved then, it is only how far has been looked. */
  readonly until: number;
  /** How far the wall is ahead of UTC, ms. */
  readonly offsetMs: number;
}

/** Transitions happen at whole seconds. */
const TRANSITION_STEP_MS = 1000;

/** More zones than people of one workspace live in; a formatter takes about 30 kB. */
const ZONES_KEPT = 128;

const DAYS_KEPT = 32;

interface Zone {
  readonly formatter: Intl.DateTimeFormat;
  /** The stretches of a day of UTC, by days since the epoch. */
  readonly days: LRUCache<number, readonly Stretch[]>;
}

const zones = new LRUCache<string, Zone | 'unknown'>({ max: ZONES_KEPT });

/** Whether this is the name of a time zone, such as `Europe/Paris` or `UTC`, in any spelling that `Intl` takes. */
export function isTimeZone(name: string): boolean {
  return zoneOf(name) !== 'unknown';
}

/** The stretch around the instant `at` (ms since the epoch) in a zone; null for a zone that is not known. */
export function stretchAt(name: string, at: number): Stretch | null {
  const zone = zoneOf(name);
  if (zone === 'unknown') return null;
  const day = Math.floor(at / DAY_MS);
  let stretches = zone.days.get(day);
  if (stretches === undefined) {
    stretches = stretchesOf(day, zone.formatter);
    zone.days.set(day, stretches);
  }
  return stretches.find(({ until }) => at < until) ?? null;
}

function zoneOf(name: string): Zone | 'unknown' {
  const kept = zones.get(name);
  if (kept !== undefined) return kept;
  const formatter = makeFormatter(name);
  const zone =
    formatter === null ? 'unknown' : { formatter, days: new LRUCache<number, readonly Stretch[]>({ max: DAYS_KEPT }) };
  zones.set(name, zone);
  return zone;
}

/**
 * `Intl` also takes offsets, which know no daylight saving, and three letters of old, which mislead: its BST is Dhaka,
 * its EST Panama. Neither names a place, so neither is taken.
 */
function makeFormatter(name: string): Intl.DateTimeFormat | null {
  if (name !== 'UTC' && name !== 'GMT' && !/^[A-Za-z].{3,}$/.test(name)) return null;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    return null;
  }
}

/**
 * One stretch, or two where the clocks are moved on that day. A zone that moved them twice within a day of UTC would be
 * read wrongly; in no zone of the database from 1900 to 2060 are two moves less than 167 hours apart.
 */
function stretchesOf(day: number, formatter: Intl.DateTimeFormat): readonly Stretch[] {
  const from = day * DAY_MS;
  const until = from + DAY_MS;
  const before = offsetAt(from, formatter);
  const after = offsetAt(until, formatter);
  if (before === after) return [{ from, until, offsetMs: before }];
  let low = from;
  let high = until;
  while (high - low > TRANSITION_STEP_MS) {
    const middle = low + Math.floor((high - low) / 2 / TRANSITION_STEP_MS) * TRANSITION_STEP_MS;
    if (offsetAt(middle, formatter) === before) low = middle;
    else high = middle;
  }
  return [
    { from, until: high, offsetMs: before },
    { from: high, until, offsetMs: after },
  ].filter((stretch) => stretch.from < stretch.until);
}

/** Reads the end of `7/1/2026, GMT+02:00`; UTC itself is `GMT` alone, and old offsets have seconds. */
function offsetAt(at: number, formatter: Intl.DateTimeFormat): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatter.format(at)) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}
