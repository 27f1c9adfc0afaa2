/**
 * Liquid's own filters, for what payloads hold. Integers that only a bigint holds (core/json.ts), for which they fail: sums,
 * differences and products of integers are exact, all else is computed with the nearest double. Times, which are read
 * as `slack_date` reads them: Liquid takes every number for seconds, and February 30 for March 2.
 */
import type { FilterImplOptions } from 'liquidjs';
import { looksLikeInstant, readInstant } from '../core/instant.ts';
import { writeJson } from '../core/json.ts';
import { isNoDate } from './dates.ts';

export type Filter = Extract<FilterImplOptions, (...values: never[]) => unknown>;

const EXACT: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  plus: (a, b) => a + b,
  minus: (a, b) => a - b,
  times: (a, b) => a * b,
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

/** Other values cost it nothing. */
function withBigints(name: string, own: Filter): Filter {
  return function (value: unknown, ...more: unknown[]) {
    const exact = exactly(name, value, more[0]);
    if (exact !== null) return exact;
    try {
      return own.call(this, value, ...more);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (JSON_FILTERS.has(name)) return writeJson(value, typeof more[0] === 'number' ? more[0] : undefined);
      return own.call(this, nearest(value), ...more.map(nearest));
    }
  };
}

/** Null where Liquid's own filter is to compute it. */
function exactly(name: string, value: unknown, argument: unknown): bigint | null {
  if (typeof value !== 'bigint' && typeof argument !== 'bigint') return null;
  if (ROUNDING.has(name) && typeof value === 'bigint') return value;
  const [a, b] = [whole(value), whole(argument)];
  return a === null || b === null || !Object.hasOwn(EXACT, name) ? null : (EXACT[name]?.(a, b) ?? null);
}

function whole(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null;
}

function nearest(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
