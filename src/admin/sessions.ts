/**
 * Browsers that showed the token: each has a random id in a cookie, of which only the digest is kept here. They live in
 * memory: a restart, or another instance, asks for the token again.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';

const IDLE_MS = 12 * 3_600_000;
/** When there are more, the one that was not used for longest ends. */
const MOST = 300;

export class Sessions {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By digest: when it was last used, by the monotonic clock, in ms. The latest last. */
  readonly #used = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Its id: nobody else can know it. */
  begin(): string {
    const id = randomBytes(32).toString('base64url');
    this.#touch(digestOf(id));
    const [oldest] = this.#used.keys();
    if (this.#used.size > MOST && oldest !== undefined) this.#used.delete(oldest);
    return id;
  }

  /** Whether there is such a session; then it goes on. */
  use(id: string): boolean {
    const digest = digestOf(id);
    if (!this.#isOn(digest)) return false;
    this.#touch(digest);
    return true;
  }

  /** Whether there is such a session, without its going on for that. */
  has(id: string): boolean {
    return this.#isOn(digestOf(id));
  }

  end(id: string): void {
    this.#used.delete(digestOf(id));
  }

  #isOn(digest: string): boolean {
    const at = this.#used.get(digest);
    if (at === undefined) return false;
    if (this.#clock.monotonic() - at < IDLE_MS) return true;
    this.#used.delete(digest);
    return false;
  }

  #touch(digest: string): void {
    this.#used.delete(digest);
    this.#used.set(digest, this.#clock.monotonic());
  }
}

function digestOf(id: string): string {
  return hash('sha256', id);
}
