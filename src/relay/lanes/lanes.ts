/**
 * Which lane runs when. A lane is run by one runner at a time; different lanes run in parallel, up to the slots.
 *
 *   (not ours) ──claim──► queued ──slot free──► running ──release──► (not ours)   nothing left, a long wait, a failure,
 *      │                    ▲                    ▲  │                             held for long, Slack refuses us
 *      │                    └──due, or woken─────┼─ asleep                        waits a minute at most: stays ours
 *      └──enter──► reserved ──stored─────────────┘
 *
 * Where instances share the journal, a lane can be lost at any time: this process was stopped, or cut off from the
 * database. A run that has lost its lane is told to stop. Until it has ended, nothing is started, nothing is claimed, and
 * nothing is changed in Slack (`ownsLanes`): what that run has read is stale. Only then the lane is released, so that it
 * is not ours again before: the journal could not tell what that run records from what the next one does.
 *
 * A lane that sleeps holds no slot: slow lanes never keep others waiting.
 */
import { LRUCache } from 'lru-cache';
import { backoffMs } from '../../core/backoff.ts';
import { type Clock, MINUTE_MS } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { LaneClaims } from '../../journal/cluster.ts';
import { JournalError } from '../../journal/errors.ts';
import { ASLEEP_AT_MOST_MS, type LaneWork, type Reservation } from './contract.ts';
import { LocalClaims } from './local-claims.ts';

export interface LanesParts {
  readonly work: LaneWork;
  readonly claims: LaneClaims;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly random: () => number;
  readonly log: Pick<Logger, 'error' | 'info' | 'warn'>;
  /** Lanes reserved or running at once. */
  readonly slots: number;
}

/** Beyond, they are released: an instance that dies leaves so many lanes alone for a while. */
const LANES_ASLEEP = 4_096;
/** Then it is the turn of others. */
const HELD_AT_MOST_MS = 30 * MINUTE_MS;
const FAILURES_KEPT = 10_000;
/** After the journal failed: the lane's work is still there, so look again, more and more slowly. */
const FAILURE_BACKOFF = { firstMs: 250, maxMs: 30_000 };

/** A lane that is ours, as far as we know. */
interface Held {
  /** Monotonic ms. */
  readonly since: number;
  running: boolean;
  lost: boolean;
  /** Until when it sleeps, in monotonic ms, and how to end that. */
  sleep: { readonly until: number; readonly cancel: () => void } | null;
}

/** What becomes of a lane after a run. `leave` has what is released: ms until it can be claimed again, or null. */
type Rest = { readonly sleepMs: number } | { readonly leave: number | null };

type Run = () => Promise<number | null>;

const ANNOUNCED_BY_THE_JOURNAL: Reservation = { claimed: false, stored: () => undefined, dropped: () => undefined };

export class Lanes {
  readonly #parts: LanesParts;
  /** The claims of a process that has its journal to itself; null: the journal sees what enters which lane. */
  readonly #local: LocalClaims | null;
  readonly #held = new Map<string, Held>();
  /** Held lanes that wait for a slot, in order. */
  readonly #queue = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Failures in a row. */
  readonly #failures = new LRUCache<string, number>({ max: FAILURES_KEPT });
  #asleep = 0;
  #reserved = 0;
  /** Runs under way whose lane was lost. */
  #lostRuns = 0;
  /** There may be something to claim. */
  #more = false;
  #claiming: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(parts: LanesParts) {
    this.#parts = parts;
    this.#local = parts.claims instanceof LocalClaims ? parts.claims : null;
  }

  /** Sees to what is unfinished. Before anything is accepted: a lane with something unfinished is not idle. */
  resume(): Promise<void> {
    return this.#parts.claims.start({ onWork: () => this.#look(), onLost: (lanes) => this.#loseAll(lanes) });
  }

  /** Whether every lane that runs is certainly ours: asked right before Slack is made to change something. */
  ownsLanes(): boolean {
    return this.#lostRuns === 0 && this.#parts.claims.ownsLanes();
  }

  /** An event with a delivery for this lane is about to be stored. Call it in order of acceptance. */
  enter(lane: string): Reservation {
    const local = this.#local;
    const mayRun = local?.isIdle(lane) === true && this.#stopping === null && this.#freeSlots > 0;
    return mayRun && this.#parts.work.mayStart(lane) ? this.#reserve(lane, local) : this.join(lane);
  }

  /** The same for what is not sent from memory, such as a replay. */
  join(lane: string): Reservation {
    return this.#local?.enter(lane) ?? ANNOUNCED_BY_THE_JOURNAL;
  }

  /** The lane has something in the journal. */
  wake(lane: string): void {
    this.#local?.wake(lane);
  }

  /** Wakes the lanes that sleep, and looks for others. */
  wakeAll(): void {
    for (const [lane, held] of this.#held) {
      if (held.sleep === null) continue;
      this.#endSleep(held);
      this.#queue.add(lane);
    }
    this.#look();
  }

  /** Starts no more; resolves when what is running has come to a safe end. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // From here on `#stopping` is set, for everything that looks at it.
    await null;
    await Promise.all([this.#leaveIdle(), ...this.#running, this.#claiming]);
    // What was claimed at the last moment.
    await this.#leaveIdle();
    await this.#parts.claims.stop();
  }

  async #leaveIdle(): Promise<void> {
    const idle = [...this.#held].filter(([, { running }]) => !running);
    await Promise.all(idle.map(([lane, held]) => this.#release(lane, this.#endSleep(held))));
  }

  #reserve(lane: string, local: LocalClaims): Reservation {
    local.reserve(lane);
    this.#reserved += 1;
    return {
      claimed: true,
      stored: (delivery) => {
        this.#reserved -= 1;
        if (delivery === undefined) throw new TypeError('A claimed lane needs the delivery that was stored.');
        // Stopped meanwhile: it stays `sending`, and the next start sees to it.
        if (this.#stopping !== null) return;
        this.#start(lane, this.#hold(lane), () => this.#parts.work.sendClaimed(delivery));
      },
      dropped: () => {
        this.#reserved -= 1;
        void this.#release(lane, null);
        this.#fill();
      },
    };
  }

  #hold(lane: string): Held {
    const held = { since: this.#parts.clock.monotonic(), running: false, lost: false, sleep: null };
    this.#held.set(lane, held);
    return held;
  }

  #look(): void {
    this.#more = true;
    this.#fill();
  }

  /** Gives free slots to lanes that wait for one, and to what can be claimed. */
  #fill(): void {
    if (this.#stopping !== null || this.#lostRuns > 0) return;
    const { work } = this.#parts;
    for (const lane of this.#queue) {
      if (this.#freeSlots === 0) return;
      this.#queue.delete(lane);
      const held = this.#held.get(lane);
      if (held !== undefined) this.#start(lane, held, () => work.drain(lane, () => this.#isToStop(held)));
    }
    if (!this.#more || this.#claiming !== null || this.#freeSlots === 0 || work.paused()) return;
    this.#more = false;
    this.#claiming = this.#claim(this.#freeSlots).finally(() => {
      this.#claiming = null;
      this.#fill();
    });
  }

  get #freeSlots(): number {
    return Math.max(0, this.#parts.slots - this.#running.size - this.#reserved);
  }

  async #claim(limit: number): Promise<void> {
    const claims = await this.#parts.claims.claim(limit);
    if (claims.length >= limit) this.#more = true;
    for (const { lane, pacedUntil } of claims) {
      this.#parts.work.setPace(lane, pacedUntil);
      this.#hold(lane);
      this.#queue.add(lane);
    }
  }

  #start(lane: string, held: Held, work: Run): void {
    const run: Promise<void> = this.#run(lane, held, work).finally(() => {
      this.#running.delete(run);
      this.#fill();
    });
    this.#running.add(run);
  }

  async #run(lane: string, held: Held, work: Run): Promise<void> {
    held.running = true;
    const rest = await this.#work(lane, held, work);
    held.running = false;
    if (held.lost) this.#lostRuns -= 1;
    if ('sleepMs' in rest && !held.lost) this.#sleep(lane, held, rest.sleepMs);
    else await this.#release(lane, 'leave' in rest ? rest.leave : 0);
  }

  async #work(lane: string, held: Held, work: Run): Promise<Rest> {
    const { random, log } = this.#parts;
    try {
      const waitMs = await work();
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
      const waitMs = FAILURE_BACKOFF.firstMs + backoffMs(FAILURE_BACKOFF, failures, random);
      return this.#local === null ? { leave: waitMs } : { sleepMs: waitMs };
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
    if (waitMs === null) return { leave: null };
    const stays = this.#local !== null || (waitMs <= ASLEEP_AT_MOST_MS && this.#asleep < LANES_ASLEEP);
    return stays ? { sleepMs: waitMs } : { leave: waitMs };
  }

  #sleep(lane: string, held: Held, ms: number): void {
    const { clock } = this.#parts;
    const cancel = clock.after(ms, () => {
      this.#endSleep(held);
      this.#queue.add(lane);
      this.#fill();
    });
    held.sleep = { until: clock.monotonic() + ms, cancel };
    this.#asleep += 1;
  }

  /** ms that were left of it, 0 where it does not sleep. */
  #endSleep(held: Held): number {
    const { sleep } = held;
    if (sleep === null) return 0;
    sleep.cancel();
    held.sleep = null;
    this.#asleep -= 1;
    return Math.max(0, sleep.until - this.#parts.clock.monotonic());
  }

  /** Nothing of the lane runs any more, and nothing will. */
  async #release(lane: string, againInMs: number | null): Promise<void> {
    this.#forget(lane);
    await this.#parts.claims.release(lane, { againInMs, pacedUntil: this.#parts.work.paceOf(lane) });
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
    const held = this.#held.get(lane);
    if (held !== undefined) this.#endSleep(held);
    this.#held.delete(lane);
    this.#queue.delete(lane);
  }
}
