/**
 * What this instance holds, as far as it can know.
 *
 *   fetched ──► held ──► leaving ──► (gone)      released and recorded
 *      │         └─────────────────► (gone)      lost: somebody else may have it
 *      └─► reserved ──► held                     fetched anew while it was held here, or leaving
 *
 * What is reserved is given out by a later claim. Until then we are not its owner in the database: a run that does not
 * know yet that it lost the lane cannot record anything for it where somebody else had it in between.
 */
import type { Clock } from '../../core/clock.ts';
import type { Job } from './job-queue.ts';

/** By both clocks: one may be set, the other stands still while the machine sleeps. */
export interface Instant {
  readonly wall: number;
  readonly steady: number;
}

interface Holding {
  readonly job: Job;
  /** Nobody else can have got the job within VALID_MS of it: when the question was asked that it was the answer to. */
  confirmedAt: Instant;
  state: 'held' | 'leaving';
}

/** Less than a job's heartbeat (10 s), by what may pass between asking whether one may act and acting. */
const VALID_MS = 8_000;

export class Holdings {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  /** By lane. */
  readonly #held = new Map<string, Holding>();
  readonly #reserved = new Map<string, Holding>();

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  instant(): Instant {
    return { wall: this.#clock.now(), steady: this.#clock.monotonic() };
  }

  /** Whether what was confirmed then is certain still. */
  isValid(then: Instant): boolean {
    const now = this.instant();
    return Math.max(now.wall - then.wall, now.steady - then.steady) < VALID_MS;
  }

  /** True with nothing held: there is nothing that could be somebody else's. */
  allValid(): boolean {
    for (const { state, confirmedAt } of this.#held.values()) {
      if (state === 'held' && !this.isValid(confirmedAt)) return false;
    }
    return true;
  }

  has(lane: string): boolean {
    return this.#held.has(lane);
  }

  hold(job: Job, confirmedAt: Instant): void {
    this.#held.set(job.lane, { job, confirmedAt, state: 'held' });
  }

  /** For a later claim. True where the lane was held: whoever runs it has lost it by that, and does not know. */
  reserve(job: Job, confirmedAt: Instant): boolean {
    this.#reserved.set(job.lane, { job, confirmedAt, state: 'held' });
    return this.#lose(job.lane);
  }

  /** Those reserved, without what is still leaving; at most `limit`. */
  takeReserved(limit: number): { readonly job: Job; readonly confirmedAt: Instant }[] {
    const free = [...this.#reserved.values()].filter(({ job }) => !this.#held.has(job.lane)).slice(0, limit);
    for (const { job } of free) this.#reserved.delete(job.lane);
    return free;
  }

  isReserved(lane: string): boolean {
    return this.#reserved.has(lane);
  }

  /** The lane's job, for it to be given back; null where it is not ours (any more) or being given back already. */
  leave(lane: string): Job | null {
    const holding = this.#held.get(lane);
    if (holding === undefined || holding.state !== 'held') return null;
    holding.state = 'leaving';
    return holding.job;
  }

  /** It has been left. */
  drop(lane: string): void {
    this.#held.delete(lane);
  }

  /** Everything that could be given back. */
  lanes(): string[] {
    return [...this.#held.keys()];
  }

  /** What has to be touched. */
  jobs(): Job[] {
    return [...this.#held.values(), ...this.#reserved.values()].map(({ job }) => job);
  }

  /** `jobs` were touched, asked for at `askedAt`; those not in `ours` are lost. Gives the lanes that were held. */
  touched(jobs: readonly Job[], ours: ReadonlySet<string>, askedAt: Instant): string[] {
    const lost: string[] = [];
    for (const job of jobs) {
      const reserved = this.#reserved.get(job.lane);
      const held = this.#held.get(job.lane);
      const holding = reserved?.job === job ? reserved : held?.job === job ? held : undefined;
      if (holding === undefined) continue;
      if (ours.has(job.id)) holding.confirmedAt = askedAt;
      else if (holding === reserved) this.#reserved.delete(job.lane);
      else if (this.#lose(job.lane)) lost.push(job.lane);
    }
    return lost;
  }

  /** True where its holder has to be told. What is leaving goes when that is done. */
  #lose(lane: string): boolean {
    return this.#held.get(lane)?.state === 'held' && this.#held.delete(lane);
  }
}
