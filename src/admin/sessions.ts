/**
 * Browsers that showed a token: each has a random id in a cookie, of which only the digest is kept here, and the role of
 * that token. They live in memory: a restart, or another instance, asks for a token again.
 */
import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Role } from '../core/actor.ts';
import { type Clock, expiringBy, HOUR_MS } from '../core/clock.ts';

const IDLE_MS = 12 * HOUR_MS;
/** When there are more, the one that was not used for longest ends. */
const MOST = 300;

export class Sessions {
  /** By digest. */
  readonly #open: LRUCache<string, Role>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#open = new LRUCache({ max: MOST, ttl: IDLE_MS, updateAgeOnGet: true, ...expiringBy(clock) });
  }

  /** Its id: nobody else can know it. */
  begin(role: Role): string {
    const id = randomBytes(32).toString('base64url');
    this.#open.set(digestOf(id), role);
    return id;
  }

  /** Whose session it is, which lasts longer for that; null where there is none. */
  use(id: string): Role | null {
    return this.#open.get(digestOf(id)) ?? null;
  }

  /** Whether there is such a session, which lasts no longer for that. */
  has(id: string): boolean {
    return this.#open.has(digestOf(id));
  }

  end(id: string): void {
    this.#open.delete(digestOf(id));
  }
}

function digestOf(id: string): string {
  return hash('sha256', id);
}
