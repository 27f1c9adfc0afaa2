/** The claims on lanes that are in the queue (lane-queue.ts): taking, keeping and leaving them. */
import type { Pool } from 'pg';
import type { Clock } from '../../core/clock.ts';
import type { Claim, ClaimEvents, LaneClaims, Leaving } from '../cluster.ts';
import { Holdings, type Instant } from './holdings.ts';
import type { Job, JobQueue } from './job-queue.ts';
import type { LaneRows } from './lane-rows.ts';
import { type Release, Releases } from './releases.ts';
import type { SeldomLog } from './seldom-log.ts';
import { inTransaction, onPool, type Statements } from './statements.ts';
import { retryDelayMs, within } from './waiting.ts';

const TOUCH_EVERY_MS = 2_500;
const TOUCH_WITHIN_MS = 3_000;
const TOUCH_AGAIN_MS = 250;
const LOOK_EVERY_MS = 2_000;
const RECORD_WITHIN_MS = 4_000;
const STOP_WITHIN_MS = 3_000;
/** A wait is over by the database's clock then. */
const DUE_MARGIN_MS = 5;
/** The longest wait of a job. */
const DAY_MS = 86_400_000;

export interface ClaimsParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly log: SeldomLog;
  readonly jobs: JobQueue;
  readonly rows: LaneRows;
}

interface Fetched {
  readonly job: Job;
  readonly confirmedAt: Instant;
}

export class QueuedClaims implements LaneClaims {
  readonly #parts: ClaimsParts;
  readonly #db: Statements;
  readonly #holdings: Holdings;
  readonly #releases: Releases;
  readonly #claiming = new Set<Promise<unknown>>();
  /** How to cancel what is planned. */
  readonly #timers = new Set<() => void>();
  #events: ClaimEvents | null = null;
  #open = false;
  #stopping: Promise<void> | null = null;

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
    this.#db = onPool(parts.pool);
    this.#holdings = new Holdings(parts.clock);
    this.#releases = new Releases({
      ...parts,
      commit: (releases) => within(parts.clock, RECORD_WITHIN_MS, this.#record(releases)),
    });
  }

  async start(events: ClaimEvents): Promise<void> {
    if (this.#events !== null || this.#stopping !== null) return;
    this.#events = events;
    await this.#begin(1);
  }

  /** Not after `stop` either: others are told to take over then, whatever still runs here. */
  mayAct(): boolean {
    return this.#stopping === null && this.#holdings.allValid();
  }

  work(): void {
    if (this.#open && this.#stopping === null) this.#events?.onWork();
  }

  /** Not to be called while something still runs in a lane that was lost: the same lane may be given out again. */
  async claim(limit: number): Promise<readonly Claim[]> {
    if (!this.#open || this.#stopping !== null || limit < 1) return [];
    const claiming = this.#claim(limit).catch((error: unknown) => {
      this.#parts.log.warn('no lanes could be claimed', error);
      return [];
    });
    this.#claiming.add(claiming);
    try {
      return await claiming;
    } finally {
      this.#claiming.delete(claiming);
    }
  }

  /** Where the lane is not ours any more, nothing happens. */
  async release(lane: string, { againInMs, pacedUntil }: Leaving): Promise<void> {
    const job = this.#holdings.leave(lane);
    if (job !== null && (await this.#releases.record({ job, againInMs, pacedUntil })) && againInMs !== null) {
      this.#after(Math.min(againInMs, DAY_MS) + DUE_MARGIN_MS, () => this.work());
    }
    this.#holdings.drop(lane);
    if (this.#holdings.isReserved(lane)) this.work();
  }

  async sweep(): Promise<void> {
    try {
      await this.#addForgotten();
    } catch (error) {
      this.#parts.log.warn('lanes with something unfinished could not be looked for', error);
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #begin(attempt: number): Promise<void> {
    if (this.#stopping !== null) return;
    try {
      await this.#parts.jobs.ready();
      await this.#addForgotten();
    } catch (error) {
      this.#parts.log.warn('the queue of lanes cannot be reached', error);
      this.#after(retryDelayMs(attempt), () => void this.#begin(attempt + 1));
      return;
    }
    this.#open = true;
    this.#after(TOUCH_EVERY_MS, () => void this.#touch());
    this.#look();
  }

  async #addForgotten(): Promise<void> {
    await this.#parts.jobs.add(await this.#parts.rows.forgotten(this.#db));
  }

  async #claim(limit: number): Promise<readonly Claim[]> {
    const { clock, jobs, rows } = this.#parts;
    const reserved = this.#holdings.takeReserved(limit);
    const confirmedAt = this.#holdings.instant();
    const wanted = limit - reserved.length;
    const fetched =
      wanted > 0 ? await jobs.fetch(wanted).catch((error: unknown) => this.#unreserve(reserved, error)) : [];
    const later = fetched.filter(({ lane }) => this.#holdings.has(lane) || this.#holdings.isReserved(lane));
    this.#reserve(later, confirmedAt);
    const now = fetched.filter((job) => !later.includes(job)).map((job) => ({ job, confirmedAt }));
    // One that was reserved can have been lost as well, and be among those fetched.
    const still = reserved.filter(({ job }) => !fetched.some(({ lane }) => lane === job.lane));
    const candidates = [...still, ...now];
    if (candidates.length === 0) return [];
    const candidateJobs = candidates.map(({ job }) => job);
    const owned = await rows.own(this.#db, candidateJobs, clock.now()).catch((error: unknown) => {
      for (const { job } of candidates) this.#giveBack(job);
      throw error;
    });
    return this.#take(candidates, new Map(owned.map(({ lane, pacedUntil }) => [lane, pacedUntil])));
  }

  /** Of what was fetched, what is certainly ours. */
  #take(candidates: readonly Fetched[], owned: ReadonlyMap<string, number>): Claim[] {
    const claims: Claim[] = [];
    for (const { job, confirmedAt } of candidates) {
      const pacedUntil = owned.get(job.lane);
      if (pacedUntil === undefined) continue;
      if (this.#stopping === null && this.#holdings.isValid(confirmedAt)) {
        this.#holdings.hold(job, confirmedAt);
        claims.push({ lane: job.lane, pacedUntil });
      } else this.#giveBack(job);
    }
    return claims;
  }

  #reserve(later: readonly Job[], confirmedAt: Instant): void {
    if (later.length === 0) return;
    this.#tell(later.filter((job) => this.#holdings.reserve(job, confirmedAt)).map(({ lane }) => lane));
    this.work();
  }

  #unreserve(reserved: readonly Fetched[], error: unknown): never {
    for (const { job, confirmedAt } of reserved) this.#holdings.reserve(job, confirmedAt);
    throw error;
  }

  /** Where this fails, others have it by our silence. */
  #giveBack(job: Job): void {
    void this.#releases.record({ job, againInMs: 0, pacedUntil: null });
  }

  async #touch(): Promise<void> {
    const { clock, jobs, log } = this.#parts;
    let again = TOUCH_EVERY_MS;
    try {
      const held = this.#holdings.jobs();
      const askedAt = this.#holdings.instant();
      const ours = held.length > 0 ? await within(clock, TOUCH_WITHIN_MS, jobs.touch(held)) : new Set<string>();
      this.#tell(this.#holdings.touched(held, ours, askedAt));
    } catch (error) {
      log.warn('lanes could not be kept', error);
      again = TOUCH_AGAIN_MS;
    }
    this.#after(again, () => void this.#touch());
  }

  #look(): void {
    this.work();
    this.#after(LOOK_EVERY_MS, () => this.#look());
  }

  #tell(lost: readonly string[]): void {
    if (lost.length > 0) this.#events?.onLost(lost);
  }

  /** Rows before jobs, as everywhere. */
  async #record(releases: readonly Release[]): Promise<void> {
    const { pool, jobs, rows } = this.#parts;
    await inTransaction(pool, async (db) => {
      await rows.pace(db, releases.map(paced));
      const removed = await jobs.remove(
        releases.map(({ job }) => job),
        db,
      );
      const ours = releases.filter(({ job }) => removed.has(job.id));
      await jobs.add(ours.flatMap(again), db);
      const lanes = ours.map(({ job }) => job.lane);
      if (jobs.channel !== null && lanes.length > 0) await rows.announce(db, jobs.channel, lanes);
    });
  }

  async #stop(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    const left = Promise.all(this.#claiming).then(() => this.#leaveAll());
    await within(this.#parts.clock, STOP_WITHIN_MS, left).catch((error: unknown) => {
      this.#parts.log.warn('lanes could not be released', error);
    });
  }

  async #leaveAll(): Promise<void> {
    const held = this.#holdings.lanes().flatMap((lane) => this.#holdings.leave(lane) ?? []);
    const reserved = this.#holdings.takeReserved(Number.POSITIVE_INFINITY).map(({ job }) => job);
    await Promise.all(
      [...held, ...reserved].map((job) => this.#releases.record({ job, againInMs: 0, pacedUntil: null })),
    );
  }

  #after(ms: number, callback: () => void): void {
    if (this.#stopping !== null) return;
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }
}

/** Whole ms, as the table takes them. */
function paced({ job, pacedUntil }: Release): { lane: string; pacedUntil: number | null } {
  return { lane: job.lane, pacedUntil: pacedUntil === null ? null : Math.ceil(pacedUntil) };
}

function again({ job, againInMs }: Release) {
  return againInMs === null ? [] : [{ lane: job.lane, afterMs: Math.min(Math.max(0, Math.ceil(againInMs)), DAY_MS) }];
}
