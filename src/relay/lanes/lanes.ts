/**
 * Which lane runs when. A lane is run by one runner at a time; different lanes run in parallel.
 *
 *   (idle) ──enter──► claimed ──stored──► running ──► (idle)    nothing left, nothing on its way in
 *     │                                    ▲   ├────► asleep    until an instant (pacing, back-off); wakes by itself
 *     └────wake─────► queued ──slot free───┘   └────► open      something on its way in is not stored yet
 *                        ▲                              │
 *                        └───stored, or woken meanwhile─┘
 *
 * An idle lane has nothing unfinished in the journal, so what enters it may be sent straight from memory once it is
 * stored: that saves a read and a commit. `open` keeps the lane from being claimed over the head of an earlier event.
 * A lane that sleeps holds no slot: slow lanes never keep others waiting.
 */
import { backoffMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Journal, QueuedDelivery } from '../../journal/journal.ts';

/** What is done in a lane. Each gives the ms until the lane wants to run again, or null when it is done. */
export interface LaneWork {
  /** Whether the lane may send now; takes its turn if so. */
  mayStart(lane: string): boolean;
  /** Sends what is due, in order, until nothing is left or `stopping`. */
  drain(lane: string, stopping: () => boolean): Promise<number | null>;
  /** Sends one delivery that was stored as `sending`. */
  sendClaimed(delivery: QueuedDelivery): Promise<number | null>;
}

/** What is done in a lane that moves between instances. */
export interface SharedLaneWork extends Pick<LaneWork, 'drain'> {
  /** While true, nothing is sent: Slack refuses us. */
  paused(): boolean;
  /** ms since the epoch: until then the lane's pace is used up, in part at least; 0 where nothing of it is. */
  paceOf(lane: string): number;
  /** As another instance gave it. */
  setPace(lane: string, until: number): void;
}

export interface Lanes {
  /** Sees to what is unfinished. Before anything is accepted: a lane with something unfinished is not idle. */
  resume(): Promise<void>;
  /** Whether every lane that runs is certainly ours: asked right before Slack is made to change something. */
  ownsLanes(): boolean;
  /** An event with a delivery for this lane is about to be stored. Call it in order of acceptance. */
  enter(lane: string): Entrance;
  /** The same for what is not sent from memory, such as a replay. */
  join(lane: string): Entrance;
  /** The lane has something in the journal. */
  wake(lane: string): void;
  /** Wakes the lanes that sleep. */
  wakeAll(): void;
  /** Starts no more; resolves when what is running has come to a safe end. Idempotent. */
  stop(): Promise<void>;
}

export interface Entrance {
  /** The lane is held for this delivery, which is to be stored as `sending`. */
  readonly claimed: boolean;
  /** It is on disk. The delivery is needed where the lane was claimed for it. */
  stored(delivery?: QueuedDelivery): void;
  /** It was not stored. */
  dropped(): void;
}

interface LaneState {
  phase: 'open' | 'claimed' | 'queued' | 'running' | 'asleep';
  /** Events on their way into the journal, the claiming one not counted. */
  entering: number;
  /** Something was stored since the last look into the journal. */
  again: boolean;
  failures: number;
  cancel?: () => void;
}

const FAILURE_BACKOFF = { firstMs: 250, maxMs: 30_000 };

/** After the journal failed: the lane's work is still there, so look again in so many ms, more and more slowly. */
export function failureWaitMs(failures: number, random: () => number): number {
  return FAILURE_BACKOFF.firstMs + backoffMs(FAILURE_BACKOFF, failures, random);
}

export interface LanesParts {
  readonly work: LaneWork;
  readonly journal: Pick<Journal, 'lanesWithWork'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly random: () => number;
  readonly log: Pick<Logger, 'error'>;
  /** Lanes claimed or running at once. */
  readonly slots: number;
}

export class InProcessLanes implements Lanes {
  readonly #parts: LanesParts;
  /** The lanes that are not idle. */
  readonly #lanes = new Map<string, LaneState>();
  readonly #queue: string[] = [];
  readonly #running = new Set<Promise<void>>();
  #claims = 0;
  #stopping = false;

  constructor(parts: LanesParts) {
    this.#parts = parts;
  }

  async resume(): Promise<void> {
    for (const lane of await this.#parts.journal.lanesWithWork()) this.wake(lane);
  }

  /** Nobody else has this journal. */
  ownsLanes(): boolean {
    return true;
  }

  enter(lane: string): Entrance {
    const idle = !this.#lanes.has(lane);
    return idle && this.#hasSlot() && this.#parts.work.mayStart(lane) ? this.#claim(lane) : this.join(lane);
  }

  join(lane: string): Entrance {
    const state = this.#lanes.get(lane) ?? this.#add(lane, 'open');
    state.entering += 1;
    const left = () => {
      state.entering -= 1;
    };
    return {
      claimed: false,
      stored: () => {
        left();
        this.#look(lane, state);
      },
      dropped: () => {
        left();
        if (state.phase === 'open') this.#rest(lane, state);
      },
    };
  }

  wake(lane: string): void {
    this.#look(lane, this.#lanes.get(lane) ?? this.#add(lane, 'open'));
  }

  wakeAll(): void {
    for (const [lane, state] of this.#lanes) {
      if (state.phase !== 'asleep') continue;
      state.cancel?.();
      this.#enqueue(lane, state);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#queue.length = 0;
    for (const state of this.#lanes.values()) state.cancel?.();
    await Promise.all(this.#running);
  }

  #claim(lane: string): Entrance {
    const state = this.#add(lane, 'claimed');
    this.#claims += 1;
    return {
      claimed: true,
      stored: (delivery) => {
        this.#claims -= 1;
        if (delivery === undefined) throw new TypeError('A claimed lane is told which delivery was stored.');
        // Stopped meanwhile: it stays `sending`, and the next start sees to it.
        if (!this.#stopping) this.#start(lane, state, () => this.#parts.work.sendClaimed(delivery));
      },
      dropped: () => {
        this.#claims -= 1;
        this.#rest(lane, state);
        this.#fill();
      },
    };
  }

  #add(lane: string, phase: LaneState['phase']): LaneState {
    const state: LaneState = { phase, entering: 0, again: false, failures: 0 };
    this.#lanes.set(lane, state);
    return state;
  }

  #hasSlot(): boolean {
    return !this.#stopping && this.#running.size + this.#claims < this.#parts.slots;
  }

  /** There is something in the journal: sees to it that somebody looks. */
  #look(lane: string, state: LaneState): void {
    if (state.phase === 'open') this.#enqueue(lane, state);
    else if (state.phase === 'claimed' || state.phase === 'running') state.again = true;
  }

  /** Nothing runs in the lane any more: goes on with what came meanwhile, or lets go of it. */
  #rest(lane: string, state: LaneState): void {
    if (state.again) this.#enqueue(lane, state);
    else if (state.entering > 0) state.phase = 'open';
    else this.#lanes.delete(lane);
  }

  #enqueue(lane: string, state: LaneState): void {
    state.phase = 'queued';
    this.#queue.push(lane);
    this.#fill();
  }

  #fill(): void {
    while (this.#hasSlot()) {
      const lane = this.#queue.shift();
      if (lane === undefined) return;
      const state = this.#lanes.get(lane);
      if (state === undefined) continue;
      // Only a drain looks into the journal: what a claimed lane was woken for is still there after its one delivery.
      state.again = false;
      this.#start(lane, state, () => this.#parts.work.drain(lane, () => this.#stopping));
    }
  }

  #start(lane: string, state: LaneState, work: () => Promise<number | null>): void {
    const run: Promise<void> = this.#run(lane, state, work).finally(() => {
      this.#running.delete(run);
      this.#fill();
    });
    this.#running.add(run);
  }

  async #run(lane: string, state: LaneState, work: () => Promise<number | null>): Promise<void> {
    state.phase = 'running';
    try {
      const waitMs = await work();
      state.failures = 0;
      if (waitMs === null) this.#rest(lane, state);
      else this.#sleep(lane, state, waitMs);
    } catch (error) {
      state.failures += 1;
      this.#parts.log.error({ lane, err: error }, 'lane failed');
      this.#sleep(lane, state, failureWaitMs(state.failures, this.#parts.random));
    }
  }

  #sleep(lane: string, state: LaneState, ms: number): void {
    if (this.#stopping) return;
    state.phase = 'asleep';
    state.cancel = this.#parts.clock.after(ms, () => this.#enqueue(lane, state));
  }
}
