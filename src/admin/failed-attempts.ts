/**
 * Wrong tokens, counted by the network they come from. After ten in a minute from one network, or a hundred in all, a
 * client that sends another wrong token is answered 429 until the minute is over.
 *
 * Known limit: behind a proxy all clients share one address, so the right token is never refused (guard.ts). What keeps
 * a token from being guessed is its length, not this limit.
 */
import { isIPv6 } from 'node:net';
import type { Clock } from '../core/clock.ts';

const WINDOW_MS = 60_000;
const MOST_OF_ONE = 10;
const MOST_OF_ALL = 100;
/** Addresses that are remembered: far more than may fail in a minute before each of them is refused. */
const MOST_ADDRESSES = 2_000;

interface Failures {
  count: number;
  /** By the monotonic clock, in ms. */
  readonly until: number;
}

export class FailedAttempts {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #byAddress = new Map<string, Failures>();
  #all: Failures = { count: 0, until: 0 };

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** For how long another wrong token from there is answered 429, in ms; 0: it is counted. */
  blockedMs(address: string): number {
    const now = this.#clock.monotonic();
    const own = this.#byAddress.get(networkOf(address));
    if (own === undefined || own.until <= now) return 0;
    if (own.count >= MOST_OF_ONE) return own.until - now;
    return this.#all.until > now && this.#all.count >= MOST_OF_ALL ? this.#all.until - now : 0;
  }

  note(address: string): void {
    const now = this.#clock.monotonic();
    const network = networkOf(address);
    const known = this.#byAddress.get(network);
    const own = known !== undefined && known.until > now ? known : { count: 0, until: now + WINDOW_MS };
    if (this.#all.until <= now) this.#all = { count: 0, until: now + WINDOW_MS };
    own.count += 1;
    this.#all.count += 1;
    // The newest last: the first is the one to be forgotten.
    this.#byAddress.delete(network);
    this.#byAddress.set(network, own);
    const [oldest] = this.#byAddress.keys();
    if (this.#byAddress.size > MOST_ADDRESSES && oldest !== undefined) this.#byAddress.delete(oldest);
  }
}

const MAPPED = /^::ffff:(?=\d+\.)/i;

/** Of an IPv6 address its first 64 bits: who has one has all of them. */
function networkOf(address: string): string {
  const plain = address.replace(MAPPED, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%')[0]?.split('::') ?? [];
  const first = groupsOf(head);
  const last = groupsOf(tail ?? '');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16).toString(16));
}
