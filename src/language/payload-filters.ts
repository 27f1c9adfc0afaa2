/**
 * Liquid's own filters, for what payloads hold. Integers that only a bigint holds (core/json.ts), for which they fail:
 * arithmetic with integers is exact, all else is computed with the nearest double. Times, which are read
 * as `slack_date` reads them: Liquid takes every number for seconds, and February 30 for March 2.
 */
import type { FilterImplOptions } from 'liquidjs';
import { looksLikeInstant, readInstant } from '../core/instant.ts';
import { writeJson } from '../core/json.ts';
import { isNoDate } from './dates.ts';
import { toText } from './print.ts';

export type Filter = Extract<FilterImplOptions, (...values: never[]) => unknown>;

/** As many digits as an integer of JSON may have (core/json.ts). */
const MOST = 1e40;

/** Null where it is not for integers to compute. */
type Operation = (a: bigint, b: bigint, integers: boolean) => bigint | number | null;

const EXACT: Readonly<Record<string, Operation>> = {
  plus: (a, b) => a + b,
  minus: (a, b) => a - b,
  times: (a, b) => a * b,
  modulo: (a, b) => (b === 0n ? null : ((a % b) + b) % b),
  divided_by: divided,
  at_least: (a, b) => (a - b > 0n ? a : b),
  at_most: (a, b) => (a - b < 0n ? a : b),
  abs: (a) => (a < 0n ? -a : a),
};
const ROUNDING: ReadonlySet<string> = new Set(['ceil', 'floor', 'round']);
const JSON_FILTERS: ReadonlySet<string> = new Set(['json', 'jsonify', 'inspect']);
const DATE_FILTERS: ReadonlySet<string> = new Set([
  'date',
  'date_to_xmlschema',
  'date_to_rfc822',
  'date_to_string',
  'date_to_long_string',
]);

/** The filter of that name. */
export function forPayloads(name: string, own: Filter): Filter {
  if (name === 'sum') return sum;
  return withBigints(name, DATE_FILTERS.has(name) ? withInstants(own) : own);
}

/** What cannot be a time stays as it is. */
function withInstants(own: Filter): Filter {
  return function (value: unknown, ...more: unknown[]) {
    if (isNoDate(value)) return '';
    const found = readInstant(value);
    if (found === null && looksLikeInstant(value)) return value;
    return own.call(this, found?.iso ?? value, ...more);
  };
}

/** Other values cost it next to nothing. */
function withBigints(name: string, own: Filter): Filter {
  /** An object of a payload may have a `toString` that is no function, which Liquid's filters call. */
  const plainly: Filter = function (value: unknown, ...more: unknown[]) {
    try {
      return own.call(this, value, ...more);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return own.call(this, withoutObjects(value), ...more.map(withoutObjects));
    }
  };
  const asDoubles: Filter = function (value: unknown, ...more: unknown[]) {
    try {
      return own.call(this, value, ...more);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (JSON_FILTERS.has(name)) return writeJson(value, typeof more[0] === 'number' ? more[0] : undefined);
      return plainly.call(this, nearest(value), ...more.map(nearest));
    }
  };
  return function (value: unknown, ...more: unknown[]) {
    const big = typeof value === 'bigint' || typeof more[0] === 'bigint';
    const exact = big ? exactly(name, value, more) : null;
    if (exact !== null) return exact;
    const result: unknown = asDoubles.call(this, value, ...more);
    return isInexact(result) ? (exactly(name, value, more) ?? result) : result;
  };
}

/** Null where Liquid's own filter is to compute it. */
function exactly(name: string, value: unknown, [argument, integers]: readonly unknown[]): bigint | number | null {
  if (ROUNDING.has(name) && typeof value === 'bigint') return value;
  const [a, b] = [whole(value), whole(argument)];
  const operation = Object.hasOwn(EXACT, name) ? EXACT[name] : undefined;
  const result = a === null || b === null ? undefined : operation?.(a, b, Boolean(integers));
  return typeof result === 'bigint' ? asNumber(result) : (result ?? null);
}

/** A quotient that is no integer is the nearest double; where a double has no room for a fraction, it is rounded down. */
function divided(a: bigint, b: bigint, integers: boolean): bigint | number | null {
  if (b === 0n) return null;
  const [quotient, rest] = [a / b, a % b];
  if (!integers && rest !== 0n && Number.isSafeInteger(Number(quotient))) {
    return Number(quotient) + Number(rest) / Number(b);
  }
  return rest !== 0n && rest < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** In the place of Liquid's own, which adds doubles. What is no number counts as 0. */
const sum: Filter = function* (value: unknown, property?: unknown): Generator<unknown, unknown, unknown> {
  let integers: bigint | null = 0n;
  let total = 0;
  for (const item of Array.isArray(value) ? value : [value]) {
    const one: unknown = property ? yield this.context._getFromScope(item, toText(property), false) : item;
    const integer = whole(one);
    total += typeof one === 'object' ? 0 : Number(one) || 0;
    integers = integers === null || integer === null ? null : integers + integer;
  }
  return integers === null ? total : asNumber(integers);
};

/** As Liquid reads numbers: text that is one, and nothing as 0. */
function whole(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  if (typeof value === 'string') return /^-?\d{1,40}$/.test(value) ? BigInt(value) : null;
  return value === undefined || value === null ? 0n : null;
}

/** A bigint only where a double loses digits, and within bounds, or a loop could square it without end. */
function asNumber(value: bigint): bigint | number {
  const number = Number(value);
  return isInexact(number) && Math.abs(number) < MOST ? value : number;
}

function isInexact(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
}

function withoutObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toText);
  return typeof value === 'object' && value !== null ? toText(value) : value;
}

export function nearest(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
