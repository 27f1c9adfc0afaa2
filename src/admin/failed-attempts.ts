/**
 * Limits wrong tokens. After ten in a minute from one network, or a hundred in all, a client that sends another wrong
 * token is answered 429 until the minute is over.
 *
 * Known limits: behind a proxy all clients share one address, so the right token is never refused (guard.ts). What keeps
 * a token from being guessed is its length, not this limit. Minutes are the system clock's, as the library reads it.
 */
import { isIPv6 } from 'node:net';
import type { RateLimiterMemory } from 'rate-limiter-flexible';

const WINDOW_S = 60;
const MOST_OF_ONE = 10;
const MOST_OF_ALL = 100;
/** Beyond so many in all, no further network is remembered: every wrong token is answered 429. */
const MOST_REMEMBERED = 2_000;
const ALL = 'all';

interface Limiters {
  readonly ofOne: RateLimiterMemory;
  readonly ofAll: RateLimiterMemory;
}

/** With the first wrong token: the package brings a driver for every database along. */
async function load(): Promise<Limiters> {
  const { RateLimiterMemory } = await import('rate-limiter-flexible');
  return {
    ofOne: new RateLimiterMemory({ points: MOST_OF_ONE, duration: WINDOW_S }),
    ofAll: new RateLimiterMemory({ points: MOST_OF_ALL, duration: WINDOW_S }),
  };
}

export class FailedAttempts {
  #limiters: Promise<Limiters> | null = null;

  /** Counts a wrong token. Above 0: it is one too many, and for how long the next will be, in ms. */
  async note(address: string): Promise<number> {
    this.#limiters ??= load();
    const { ofOne, ofAll } = await this.#limiters;
    const before = await ofAll.get(ALL);
    if (before !== null && before.consumedPoints >= MOST_REMEMBERED) return before.msBeforeNext;
    const own = await ofOne.penalty(networkOf(address));
    if (own.consumedPoints > MOST_OF_ONE) return own.msBeforeNext;
    const all = await ofAll.penalty(ALL);
    return all.consumedPoints > MOST_OF_ALL && own.consumedPoints > 1 ? all.msBeforeNext : 0;
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
