import { InvalidArgumentError, Option } from 'commander';
import { readInstant } from '../core/instant.ts';
import { durationMs } from '../language/values.ts';

const DEFAULT_CONFIG = 'config.yaml';

/** A fresh option a command: commander keeps state in it. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'the config file').env('ALO_RELAY_CONFIG').default(DEFAULT_CONFIG);
}

/** A command to type next, about the same config, in the form that works from a clone too. */
export function nextCommand(command: string, config: string): string {
  return `npx alo-relay ${command}${config === DEFAULT_CONFIG ? '' : ` --config ${config}`}`;
}

/** A parser for a whole number between two bounds, both included. */
export function wholeNumber(low: number, high: number): (written: string) => number {
  return (written) => {
    const value = Number(written);
    if (/^\d+$/.test(written) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`A whole number from ${low} to ${high} is needed.`);
  };
}

export function httpUrl(written: string): string {
  if (/^https?:$/.test(URL.parse(written)?.protocol ?? '')) return written;
  throw new InvalidArgumentError('Write a whole address, such as http://127.0.0.1:3000/webhooks/alo.');
}

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)/;

/**
 * `2h`: so long ago. A date as in ISO 8601, by the clock on the wall where it names no zone. As ms since the epoch.
 */
export function since(written: string): number {
  const ago = durationMs.safeParse(written);
  if (ago.success) return Date.now() - ago.data;
  const ms =
    !DATE.test(written) || readInstant(written) === null
      ? Number.NaN
      : Date.parse(written.length === 10 ? `${written}T00:00` : written);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('A time is needed: 30s, 15m, 2h, 7d, 2026-03-02 or 2026-03-02T09:00Z.');
  return ms;
}
