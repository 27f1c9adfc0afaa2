/** Points in time as senders write them. */
import { text } from './coerce.ts';

const ISO = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?([Zz]|[+-]\d\d:?\d\d)?)?$/;
const DIGITS = /^\d{9,16}$/;

/**
 * ISO 8601, as it was written where it was; seconds, milliseconds or microseconds since 1970 converted. A time without a zone
 * is taken as UTC. Null for anything else: what is no instant cannot order events.
 */
export function instant(value: unknown): string | null {
  if (value instanceof Date) return isoOf(value.getTime());
  if (typeof value === 'number') return isoOf(epochMs(value));
  if (typeof value !== 'string') return null;
  const written = value.trim();
  if (DIGITS.test(written)) return isoOf(epochMs(Number(written)));
  const parts = ISO.exec(written);
  if (parts === null) return null;
  const [, date, time, zone] = parts;
  const whole =
    time === undefined || (zone !== undefined && written[10] === 'T') ? written : `${date}T${time}${zone ?? 'Z'}`;
  return Number.isNaN(Date.parse(whole)) ? null : whole;
}

/** A due date may also be words ("end of week"): they are shown, not computed with. */
export function dueDate(value: unknown): string | null {
  return instant(value) ?? text(value);
}

/** Told apart by size: as seconds 1e11 is the year 5138, as milliseconds it is 1973; the same again for microseconds. */
function epochMs(value: number): number {
  if (value < 1e8) return Number.NaN;
  if (value < 1e11) return value * 1000;
  return value < 1e14 ? value : value / 1000;
}

function isoOf(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
