import { type Command, InvalidArgumentError, Option } from 'commander';
import { readInstant } from '../core/instant.ts';
import { durationMs } from '../language/values.ts';
import { invocation } from './invocation.ts';

export const DEFAULT_CONFIG = 'config.yaml';

/** A fresh option a command: commander keeps state in it. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'the config file').env('ALO_RELAY_CONFIG').default(DEFAULT_CONFIG);
}

/** Where a command finds the service, or its journal. */
export interface ServiceOptions {
  readonly config: string;
  /** Without a slash at the end. */
  readonly admin?: string;
  readonly tokenFile?: string;
}

/** For a command that asks a running service. */
export function withServiceOptions(command: Command): Command {
  const admin = new Option('--admin <url>', "the admin listener of the service; default: as the config's admin says");
  return command
    .addOption(configOption())
    .addOption(admin.env('ALO_RELAY_ADMIN').argParser(baseUrl))
    .option('--token-file <file>', "a file with its token; default: ALO_RELAY_TOKEN, then the config's admin.token");
}

/** For a command that needs nothing else of the config while the service runs. */
export const SERVICE_HELP = `
A running service needs its address and token alone: --admin, or the admin: of
the config, of which no other part is read. Where none runs, the journal that
the config names is opened.
`;

/** A command to type next, about the same service. */
export function nextCommand(command: string, { config, admin, tokenFile }: ServiceOptions): string {
  const named = admin === undefined && config !== DEFAULT_CONFIG ? ` --config ${config}` : '';
  const asked = admin === undefined ? '' : ` --admin ${admin}`;
  return `${invocation()} ${command}${named}${asked}${tokenFile === undefined ? '' : ` --token-file ${tokenFile}`}`;
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

/** Of a listener, which may be below a path. Without a slash at the end. */
function baseUrl(written: string): string {
  const { protocol = '', username, password, search, hash } = URL.parse(written) ?? {};
  if (/^https?:$/.test(protocol) && !username && !password && !search && !hash) return written.replace(/\/+$/, '');
  throw new InvalidArgumentError('Write a whole address without user and query, such as http://127.0.0.1:3001.');
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
