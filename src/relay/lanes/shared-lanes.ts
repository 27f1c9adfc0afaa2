/**
 * Lanes over a shared journal: whichever instance claims a lane runs it, alone, until it lets go of it or loses it.
 *
 *   (not ours) ──claim──► queued ──slot free──► running ──release──► (not ours)   nothing left, a long wait, a failure,
 *                           ▲                     │                               held for long, Slack refuses us
 *                           └──due, or woken── asleep                             waits a minute at most: stays ours
 *
 * A lane can be lost at any time: this process was stopped, or cut off from the database. A run that has lost its lane is
 * told to stop. Until it has come to its end, nothing is started, nothing is claimed, and nothing is changed in Slack
 * (`ownsLanes`): what that run has read is stale. Only then the lane is released, so that it is not ours again before: the
 * journal could not tell what that run records from what the next one does.
 *
 * What enters a lane is never sent from memory, and wakes nothing: the journal itself queues the lane, in the commit that
 * stores the delivery, for whichever instance is the first to claim it.
 */
import { LRUCache } from 'lru-cache';
import { type Clock, MINUTE_MS } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Claim, Cluster } from '../../journal/cluster.ts';
import { JournalError } from '../../journal/errors.ts';
import { type Entrance, failureWaitMs, type Lanes, type SharedLaneWork } from './lanes.ts';
import { Sleepers } from './sleepers.ts';

/** A lane that waits for longer is released: others may wake it just as well. */
export const ASLEEP_AT_MOST_MS = 60_000;
/** Beyond, they are released: whoever dies leaves so many lanes alone for a while. */
const LANES_ASLEEP = 4_096;
/** Then it is the turn of others. A claim of the queue's ends after a day in any case. */
const HELD_AT_MOST_MS = 30 * MINUTE_MS;
const SWEEP_EVERY_MS = 30_000;
const FAILED_KEPT = 10_000;

export interface SharedLanesParts {
  readonly work: SharedLaneWork;
  readonly cluster: Pick<Cluster, 'claims' | 'ownsLanes'>;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly random: () => number;
  readonly log: Pick<Logger, 'error' | 'info' | 'warn'>;
  /** Lanes running at once. */
  readonly slots: number;
}

/** A lane that is ours, as far as we know. */
interface Held {
  /** Monotonic ms. */
  readonly since: number;
  running: boolean;
  lost: boolean;
}

/** What becomes of a lane after a run. `leave` has what is released: ms until it can be claimed again, or null. */
type Rest = { readonly sleepMs: number } | { readonly leave: number | null };

const ENTRANCE: Entrance = { claimed: false, stored: () => undefined, dropped: () => undefined };

export class SharedLanes implements Lanes {
  readonly #parts: SharedLanesParts;
  readonly #held = new Map<string, Held>();
  readonly #asleep: Sleepers;
  /** Held lanes that wait for a slot, in order. */
  readonly #queue = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Failures in a row. */
  readonly #failures = new LRUCache<string, number>({ max: FAILED_KEPT });
  /** Runs under way whose lane was lost. */
  #lostRuns = 0;
  /** There may be something to claim. */
  #more = false;
  #claiming: Promise<void> | null = null;
  #claimFailures = 0;
  #cancelRetry = (): void => {};
  #sweeping: Promise<void> | null = null;
  #cancelSweep = (): void => {};
  #stopping: Promise<void> | null = null;

  constructor(parts: SharedLanesParts) {
    this.#parts = parts;
    this.#asleep = new Sleepers(parts.clock);
  }

  /** Takes part in the cluster from now on. Waits for nothing: the database may be away. */
  async resume(): Promise<void> {
    const onLost = (lanes: readonly string[]) => this.#loseAll(lanes);
    void this.#parts.cluster.claims.start({ onWork: () => this.#look(), onLost }).then(() => {
      this.#look();
      this.#sweep();
    });
  }

  ownsLanes(): boolean {
    return this.#lostRuns === 0 && this.#parts.cluster.ownsLanes();
  }

  enter(): Entrance {
    return ENTRANCE;
  }

  join(): Entrance {
    return ENTRANCE;
  }

  wake(): void {}

  wakeAll(): void {
    for (const lane of this.#asleep.lanes()) {
      this.#asleep.remove(lane);
      this.#queue.add(lane);
    }
    this.#look();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // From here on `#stopping` is set, for everything that looks at it.
    await null;
    this.#cancelRetry();
    this.#cancelSweep();
    await Promise.all([this.#leaveIdle(), ...this.#running, this.#claiming, this.#sweeping]);
    // What was claimed at the last moment.
    await this.#leaveIdle();
    await this.#parts.cluster.claims.stop();
  }

  async #leaveIdle(): Promise<void> {
    const idle = [...this.#held].filter(([, { running }]) => !running);
    await Promise.all(idle.map(([lane]) => this.#release(lane, this.#asleep.remove(lane))));
  }

  #look(): void {
    this.#more = true;
    this.#fill();
  }

  /** Gives free slots to lanes that wait for one, and to what others have left. */
  #fill(): void {
    if (this.#stopping !== null || this.#lostRuns > 0) return;
    for (const lane of this.#queue) {
      if (this.#freeSlots === 0) return;
      this.#queue.delete(lane);
      const held = this.#held.get(lane);
      if (held !== undefined) this.#start(lane, held);
    }
    if (!this.#more || this.#claiming !== null || this.#freeSlots === 0 || this.#parts.work.paused()) return;
    this.#more = false;
    this.#claiming = this.#claim(this.#freeSlots).finally(() => {
      this.#claiming = null;
      this.#fill();
    });
  }

  get #freeSlots(): number {
    return Math.max(0, this.#parts.slots - this.#running.size);
  }

  async #claim(limit: number): Promise<void> {
    const { cluster, clock, random, log } = this.#parts;
    try {
      const claims = await cluster.claims.claim(limit);
      this.#claimFailures = 0;
      if (claims.length >= limit) this.#more = true;
      for (const claim of claims) this.#take(claim);
    } catch (error) {
      this.#claimFailures += 1;
      log.error({ err: error }, 'lanes cannot be claimed; tried again');
      this.#cancelRetry();
      if (this.#stopping !== null) return;
      this.#cancelRetry = clock.after(failureWaitMs(this.#claimFailures, random), () => this.#look());
    }
  }

  #take({ lane, pacedUntil }: Claim): void {
    this.#parts.work.setPace(lane, pacedUntil);
    this.#held.set(lane, { since: this.#parts.clock.monotonic(), running: false, lost: false });
    this.#queue.add(lane);
  }

  #start(lane: string, held: Held): void {
    const run: Promise<void> = this.#run(lane, held).finally(() => {
      this.#running.delete(run);
      this.#fill();
    });
    this.#running.add(run);
  }

  async #run(lane: string, held: Held): Promise<void> {
    held.running = true;
    const rest = await this.#drain(lane, held);
    held.running = false;
    if (held.lost) this.#lostRuns -= 1;
    if ('sleepMs' in rest && !held.lost) this.#sleep(lane, rest.sleepMs);
    else await this.#release(lane, 'leave' in rest ? rest.leave : 0);
  }

  async #drain(lane: string, held: Held): Promise<Rest> {
    const { work, random, log } = this.#parts;
    try {
      const waitMs = await work.drain(lane, () => this.#isToStop(held));
      this.#failures.delete(lane);
      return this.#restFor(held, waitMs);
    } catch (error) {
      if (error instanceof JournalError && error.code === 'lane-lost') {
        log.info({ lane }, 'lane lost to another instance');
        return { leave: 0 };
      }
      const failures = (this.#failures.get(lane) ?? 0) + 1;
      this.#failures.set(lane, failures);
      log.error({ lane, err: error }, 'lane failed');
      return { leave: failureWaitMs(failures, random) };
    }
  }

  #isToStop({ lost, since }: Held): boolean {
    return lost || this.#stopping !== null || this.#parts.clock.monotonic() - since > HELD_AT_MOST_MS;
  }

  /** A run that was told to stop gives null as well: then there may be more. */
  #restFor(held: Held, waitMs: number | null): Rest {
    // Slack may take what another instance sends, and all look again as soon as it takes us.
    if (this.#parts.work.paused()) return { leave: 0 };
    if (this.#isToStop(held)) return { leave: waitMs ?? 0 };
    const stays = waitMs !== null && waitMs <= ASLEEP_AT_MOST_MS && this.#asleep.size < LANES_ASLEEP;
    return stays ? { sleepMs: waitMs } : { leave: waitMs };
  }

  #sleep(lane: string, ms: number): void {
    this.#asleep.add(lane, ms, () => {
      this.#queue.add(lane);
      this.#fill();
    });
  }

  /** Nothing of the lane runs any more, and nothing will. */
  async #release(lane: string, againInMs: number | null): Promise<void> {
    const { cluster, work, log } = this.#parts;
    this.#forget(lane);
    try {
      await cluster.claims.release(lane, { againInMs, pacedUntil: work.paceOf(lane) });
    } catch (error) {
      log.warn({ lane, err: error }, 'lane could not be released; others take it when they notice');
    }
    this.#more = true;
  }

  #loseAll(lanes: readonly string[]): void {
    for (const lane of lanes) {
      const held = this.#held.get(lane);
      if (held === undefined) continue;
      held.lost = true;
      if (held.running) this.#lostRuns += 1;
      else void this.#release(lane, 0);
      this.#forget(lane);
    }
    this.#parts.log.info({ lanes: lanes.length, running: this.#lostRuns }, 'lanes lost to other instances');
  }

  #forget(lane: string): void {
    this.#held.delete(lane);
    this.#queue.delete(lane);
    this.#asleep.remove(lane);
  }

  #sweep(): void {
    if (this.#stopping !== null) return;
    const { cluster, clock, log } = this.#parts;
    this.#sweeping = cluster.claims
      .sweep()
      .catch((error: unknown) => log.warn({ err: error }, 'lanes could not be swept; tried again'))
      .then(() => {
        if (this.#stopping === null) this.#cancelSweep = clock.after(SWEEP_EVERY_MS, () => this.#sweep());
      });
  }
}
