import type { Clock } from '../../core/clock.ts';
import type { Job } from './job-queue.ts';
import type { SeldomLog } from './seldom-log.ts';
import { retryDelayMs } from './waiting.ts';

export interface Release {
  readonly job: Job;
  /** As in Leaving. */
  readonly againInMs: number | null;
  /** Null: as it was. */
  readonly pacedUntil: number | null;
}

export interface ReleasesParts {
  /** Records all of them in one transaction. */
  readonly commit: (releases: readonly Release[]) => Promise<void>;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly log: SeldomLog;
}

interface Waiting {
  readonly release: Release;
  readonly since: number;
  readonly done: (recorded: boolean) => void;
}

/** After that, others have the lane by our silence soon. */
const GIVE_UP_MS = 8_000;

const TOGETHER = 200;

/** Releases that come while a transaction is under way share the next one. */
export class Releases {
  readonly #parts: ReleasesParts;
  #waiting: Waiting[] = [];
  #failures = 0;
  #running = false;

  constructor(parts: ReleasesParts) {
    this.#parts = parts;
  }

  /** False: it could not be recorded. Never rejects. */
  record(release: Release): Promise<boolean> {
    return new Promise((done) => {
      this.#waiting.push({ release, since: this.#parts.clock.monotonic(), done });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, TOGETHER);
      try {
        await this.#parts.commit(batch.map(({ release }) => release));
        this.#failures = 0;
        for (const { done } of batch) done(true);
      } catch (error) {
        this.#parts.log.warn('lanes could not be released', error);
        await this.#later(batch);
      }
    }
    this.#running = false;
  }

  async #later(batch: readonly Waiting[]): Promise<void> {
    const { clock } = this.#parts;
    this.#failures += 1;
    const delayMs = retryDelayMs(this.#failures);
    const worthwhile = ({ since }: Waiting) => clock.monotonic() + delayMs - since < GIVE_UP_MS;
    for (const waiting of batch) if (!worthwhile(waiting)) waiting.done(false);
    const again = batch.filter(worthwhile);
    if (again.length === 0) return;
    await new Promise<void>((resolve) => clock.after(delayMs, resolve));
    this.#waiting.unshift(...again);
  }
}
