/** Points in time as senders write them: one reading for events, conditions on time, messages and commands. */

export interface Instant {
  /** ms since the epoch. */
  readonly ms: number;
  /** ISO 8601: as it was written where it was, with a zone. */
  readonly iso: string;
  /** A date without a time: a day wherever the reader is. */
  readonly day: boolean;
}

/** Year, month, day; time; zone. Without named groups, which cost an object each: every event has a time. */
const DATE = String.raw`(\d{4})-(\d\d)-(\d\d)`;
const TIME = String.raw`(\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)`;
const ISO = new RegExp(String.raw`^${DATE}(?:[Tt ]${TIME} ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$`);
const UNIX = /^\d{9,20}(?:\.\d{1,9})?$/;

/** From here on, numbers of seconds, ms, µs and ns since 1970 are the dates from 1973 to 5138. */
const UNITS = [
  { from: 1e17, perMs: 1e6 },
  { from: 1e14, perMs: 1e3 },
  { from: 1e11, perMs: 1 },
  { from: 1e8, perMs: 1e-3 },
] as const;
const BEYOND = 1e20;

/**
 * ISO 8601 (without a zone: UTC), or a Unix time in seconds, ms, µs or ns, told apart by size. Null for what is no such
 * time, for days that no month has, and for the years 0 and 1, which mean "none".
 */
export function readInstant(value: unknown): Instant | null {
  if (value instanceof Date) return unix(value.getTime());
  if (typeof value === 'number' || typeof value === 'bigint') return ofNumber(Number(value));
  if (typeof value !== 'string') return null;
  const written = value.trim();
  return UNIX.test(written) ? ofNumber(Number(written)) : ofText(written);
}

/** It has the form of a time, whether there is such a time or not: so it is no other kind of text. */
export function looksLikeInstant(value: unknown): boolean {
  if (typeof value === 'string') return /^(?:\d{4}-\d\d-\d\d|\d+(?:\.\d+)?\s*$)/.test(value.trimStart());
  return typeof value === 'number' || typeof value === 'bigint';
}

function ofNumber(value: number): Instant | null {
  const unit = value < BEYOND ? UNITS.find(({ from }) => value >= from) : undefined;
  return unit === undefined ? null : unix(value / unit.perMs);
}

function unix(ms: number): Instant | null {
  const at = new Date(ms);
  const year = at.getUTCFullYear();
  return year >= 2 && year <= 9999 ? { ms: at.getTime(), iso: at.toISOString(), day: false } : null;
}

function ofText(written: string): Instant | null {
  const match = ISO.exec(written);
  if (match === null) return null;
  const [, year = '', month = '', date = '', time, zone] = match;
  if (year < '0002' || !isDay(Number(year), Number(month), Number(date))) return null;
  const day = `${year}-${month}-${date}`;
  const iso = time === undefined ? day : `${day}T${time.replace(',', '.')}${zoned(zone)}`;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : { ms, iso, day: time === undefined };
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, date: number): boolean {
  if (date < 1 || date > (DAYS[month - 1] ?? 0)) return false;
  return month !== 2 || date < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** `+02` as `+02:00`, and `UTC` as `Z`: `Date.parse` takes no less. */
function zoned(zone = 'Z'): string {
  if (zone === 'Z') return zone;
  const [, hours, minutes = '00'] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}
