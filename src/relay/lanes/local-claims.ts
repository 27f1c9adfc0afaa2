/**
 * The lanes of a process that has its journal to itself: a cluster of one, whose leases never end.
 *
 *   (idle) ──reserve──► held ──release──► (idle)      nothing left, nothing on its way in
 *     │                  ▲   ├──────────► entering    something on its way in is not stored yet
 *     └──wake──► claimable   └──────────► claimable   something was stored meanwhile
 *                    ▲
 *                    └──stored─── entering
 *
 * An idle lane has nothing unfinished in the journal, so what enters it may be sent straight from memory once it is
 * stored: that saves a read and a commit. `entering` keeps a lane from being reserved over the head of an earlier event.
 */
import type { Claim, ClaimEvents, LaneClaims, Leaving } from '../../journal/cluster.ts';
import type { Journal } from '../../journal/contract.ts';
import type { Reservation } from './contract.ts';

interface Lane {
  phase: 'entering' | 'claimable' | 'held';
  /** Events on their way into the journal, the one that it is reserved for not counted. */
  entering: number;
  /** Something was stored since it was claimed or reserved. */
  again: boolean;
}

export class LocalClaims implements LaneClaims {
  readonly #journal: Pick<Journal, 'lanesWithWork'>;
  /** Those that are not idle. */
  readonly #lanes = new Map<string, Lane>();
  readonly #claimable = new Set<string>();
  #events: ClaimEvents | null = null;

  constructor(journal: Pick<Journal, 'lanesWithWork'>) {
    this.#journal = journal;
  }

  /** Rejects where the journal cannot be read: a lane with something unfinished is not idle. */
  async start(events: ClaimEvents): Promise<void> {
    for (const lane of await this.#journal.lanesWithWork()) this.wake(lane);
    this.#events = events;
    events.onWork();
  }

  isIdle(lane: string): boolean {
    return !this.#lanes.has(lane);
  }

  /** Claims an idle lane for what is about to be stored. */
  reserve(lane: string): void {
    this.#add(lane, 'held');
  }

  /** Something for this lane is about to be stored. */
  enter(lane: string): Reservation {
    const state = this.#lanes.get(lane) ?? this.#add(lane, 'entering');
    state.entering += 1;
    return {
      claimed: false,
      stored: () => {
        state.entering -= 1;
        this.#look(lane, state);
      },
      dropped: () => {
        state.entering -= 1;
        if (state.phase === 'entering') this.#rest(lane, state);
      },
    };
  }

  /** The lane has something in the journal. */
  wake(lane: string): void {
    this.#look(lane, this.#lanes.get(lane) ?? this.#add(lane, 'entering'));
  }

  ownsLanes(): boolean {
    return true;
  }

  async claim(limit: number): Promise<readonly Claim[]> {
    const claims: Claim[] = [];
    for (const lane of this.#claimable) {
      if (claims.length === limit) break;
      this.#claimable.delete(lane);
      const state = this.#lanes.get(lane);
      if (state === undefined) continue;
      // Only a claim looks into the journal: what a reserved one was woken for is still there afterwards.
      state.phase = 'held';
      state.again = false;
      claims.push({ lane, pacedUntil: 0 });
    }
    return claims;
  }

  /** A lane that is to wait sleeps, and is not released. */
  async release(lane: string, { againInMs }: Pick<Leaving, 'againInMs'>): Promise<void> {
    const state = this.#lanes.get(lane);
    if (state === undefined) return;
    state.again ||= againInMs !== null;
    this.#rest(lane, state);
  }

  async stop(): Promise<void> {}

  #add(lane: string, phase: Lane['phase']): Lane {
    const state: Lane = { phase, entering: 0, again: false };
    this.#lanes.set(lane, state);
    return state;
  }

  /** There is something in the journal: sees to it that somebody looks. */
  #look(lane: string, state: Lane): void {
    if (state.phase === 'entering') this.#offer(lane, state);
    else if (state.phase === 'held') state.again = true;
  }

  #rest(lane: string, state: Lane): void {
    if (state.again) this.#offer(lane, state);
    else if (state.entering > 0) state.phase = 'entering';
    else this.#lanes.delete(lane);
  }

  #offer(lane: string, state: Lane): void {
    state.phase = 'claimable';
    this.#claimable.add(lane);
    this.#events?.onWork();
  }
}
