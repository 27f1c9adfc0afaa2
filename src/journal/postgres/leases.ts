/**
 * Which instance runs which lane, over Postgres: by leases in the `lanes` table (lease-statements.ts).
 *
 *   claimed ──► held ──► leaving ──► (gone)   released, and that recorded
 *                └─────► lost ─────► (gone)   another instance has it; its run here has ended
 *
 * A lease is renewed long before it ends. An instance that is silent for LEASE_MS loses its lanes, and knows it 2 s
 * earlier by its own clocks. Leases that have ended are not announced: any instance finds them within 2 s.
 */
import type { Pool } from 'pg';
import type { Clock } from '../../core/clock.ts';
import type { Claim, ClaimEvents, LaneClaims, Leaving } from '../cluster.ts';
import { GroupCommit, type Write } from '../group-commit.ts';
import { type LeaseStatements, leaseStatements, type Release } from './lease-statements.ts';
import type { Listener } from './listener.ts';
import type { ThrottledLog } from './throttled-log.ts';
import { retryDelayMs, within } from './waiting.ts';

export interface LeasesParts {
  readonly pool: Pool;
  readonly listener: Listener;
  /** Where it is announced that lanes can be claimed. */
  readonly channel: string;
  /** Unique among those that share the journal, and with every start. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: ThrottledLog;
}

/** By both clocks: one may be set, the other stands still while the machine sleeps. */
interface Instant {
  readonly wall: number;
  readonly steady: number;
}

interface Lease {
  /** When the question was asked whose answer was that it is ours. */
  confirmedAt: Instant;
  state: 'held' | 'leaving' | 'lost';
}

/** Less than LEASE_MS, by what may pass between asking whether a lane is ours and acting on it. */
const CERTAIN_MS = 8_000;
const RENEW_EVERY_MS = 2_000;
const RENEW_AGAIN_MS = 250;
const RENEW_WITHIN_MS = 3_000;
const SWEEP_EVERY_MS = 30_000;
const SWEEP_AGAIN_MS = 2_000;
const RELEASE_WITHIN_MS = 4_000;
/** After that, others have the lane by our silence soon. */
const RELEASE_GIVE_UP_MS = 8_000;
const RELEASES_AT_ONCE = 200;
const STOP_WITHIN_MS = 3_000;
/** A wait is over by the database's clock then. */
const DUE_MARGIN_MS = 5;

interface PendingRelease extends Release, Write {
  readonly resolve: () => void;
}

export class Leases implements LaneClaims {
  readonly #parts: LeasesParts;
  readonly #statements: LeaseStatements;
  /** Lanes in our hands: none of them is claimed again before it is gone, whatever the database says. */
  readonly #leases = new Map<string, Lease>();
  /** Releases that come while a transaction is under way share the next one. */
  readonly #releases: GroupCommit<null, PendingRelease>;
  readonly #claiming = new Set<Promise<unknown>>();
  /** How to cancel what is planned. */
  readonly #planned = new Set<() => void>();
  #events: ClaimEvents | null = null;
  #stopping: Promise<void> | null = null;

  constructor(parts: LeasesParts) {
    const statements = leaseStatements(parts);
    this.#parts = parts;
    this.#statements = statements;
    this.#releases = new GroupCommit({
      transaction: (body) => within(parts.clock, RELEASE_WITHIN_MS, body(null)),
      async run(batch) {
        await statements.release(batch);
        return batch.map(({ resolve }) => resolve);
      },
      isOutage: () => true,
      limit: RELEASES_AT_ONCE,
    });
  }

  async start(events: ClaimEvents): Promise<void> {
    if (this.#events !== null || this.#stopping !== null) return;
    this.#events = events;
    const wake = () => this.#wake();
    this.#planned.add(this.#parts.listener.listen(this.#parts.channel, { onMessage: wake, onConnected: wake }));
    void this.#sweepAgain();
    await this.#renewAgain();
  }

  /** False after `stop`, too: others take over then, whatever still runs here. */
  ownsLanes(): boolean {
    if (this.#stopping !== null) return false;
    for (const { state, confirmedAt } of this.#leases.values()) {
      if (state === 'held' && !this.#isCertain(confirmedAt)) return false;
    }
    return true;
  }

  async claim(limit: number): Promise<readonly Claim[]> {
    if (this.#events === null || this.#stopping !== null || limit < 1) return [];
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

  async release(lane: string, leaving: Leaving): Promise<void> {
    await this.#release(lane, leaving.againInMs, Math.ceil(leaving.pacedUntil));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #claim(limit: number): Promise<readonly Claim[]> {
    const askedAt = this.#instant();
    const claims = await this.#statements.claim(limit, [...this.#leases.keys()]);
    for (const { lane } of claims) this.#leases.set(lane, { confirmedAt: askedAt, state: 'held' });
    if (this.#stopping === null && this.#isCertain(askedAt)) return claims;
    for (const { lane } of claims) void this.#release(lane, 0, null);
    return [];
  }

  async #release(lane: string, againInMs: number | null, pacedUntil: number | null): Promise<void> {
    const lease = this.#leases.get(lane);
    if (lease === undefined || lease.state === 'leaving') return;
    if (lease.state === 'held') {
      lease.state = 'leaving';
      const again = againInMs === null ? null : Math.max(0, Math.ceil(againInMs));
      const recorded = await this.#record({ lane, againInMs: again, pacedUntil });
      if (recorded && again !== null) this.#after(again + DUE_MARGIN_MS, () => this.#wake());
    }
    this.#leases.delete(lane);
    if (lease.state === 'lost') this.#wake();
  }

  /** False: it could not be recorded. */
  async #record(release: Release): Promise<boolean> {
    const { clock, log } = this.#parts;
    const since = clock.monotonic();
    for (let failures = 1; ; failures++) {
      try {
        await new Promise<void>((resolve, reject) => this.#releases.write({ ...release, resolve, reject }));
        return true;
      } catch (error) {
        log.warn('lanes could not be released', error);
        const delayMs = retryDelayMs(failures);
        if (clock.monotonic() + delayMs - since >= RELEASE_GIVE_UP_MS) return false;
        await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      }
    }
  }

  async #renewAgain(): Promise<void> {
    const renewed = await this.#renew();
    this.#wake();
    this.#after(renewed ? RENEW_EVERY_MS : RENEW_AGAIN_MS, () => void this.#renewAgain());
  }

  async #sweepAgain(): Promise<void> {
    const swept = this.#statements.sweep().then(
      () => SWEEP_EVERY_MS,
      (error: unknown) => {
        this.#parts.log.warn('lanes with something unfinished could not be looked for', error);
        return SWEEP_AGAIN_MS;
      },
    );
    this.#after(await swept, () => void this.#sweepAgain());
  }

  /** False: it is not known which lanes are still ours. */
  async #renew(): Promise<boolean> {
    const held = [...this.#leases].filter(([, { state }]) => state === 'held');
    if (held.length === 0) return true;
    const askedAt = this.#instant();
    try {
      const renewing = this.#statements.renew(held.map(([lane]) => lane));
      this.#confirm(held, await within(this.#parts.clock, RENEW_WITHIN_MS, renewing), askedAt);
      return true;
    } catch (error) {
      this.#parts.log.warn('leases of lanes could not be renewed', error);
      return false;
    }
  }

  #confirm(asked: readonly (readonly [string, Lease])[], ours: ReadonlySet<string>, askedAt: Instant): void {
    const lost: string[] = [];
    for (const [lane, lease] of asked) {
      if (ours.has(lane)) lease.confirmedAt = askedAt;
      else if (lease.state === 'held') {
        lease.state = 'lost';
        lost.push(lane);
      }
    }
    if (lost.length > 0) this.#events?.onLost(lost);
  }

  async #stop(): Promise<void> {
    for (const cancel of this.#planned) cancel();
    this.#planned.clear();
    await within(this.#parts.clock, STOP_WITHIN_MS, this.#leaveAll()).catch((error: unknown) =>
      this.#parts.log.warn('lanes could not be released', error),
    );
  }

  async #leaveAll(): Promise<void> {
    await Promise.all(this.#claiming);
    await Promise.all([...this.#leases.keys()].map((lane) => this.#release(lane, 0, null)));
    // Last: a claim that was answered after the stop has just begun to give its lanes back.
    await this.#releases.idle();
  }

  #instant(): Instant {
    return { wall: this.#parts.clock.now(), steady: this.#parts.clock.monotonic() };
  }

  #isCertain({ wall, steady }: Instant): boolean {
    const now = this.#instant();
    return Math.max(now.wall - wall, now.steady - steady) < CERTAIN_MS;
  }

  #wake(): void {
    if (this.#stopping === null) this.#events?.onWork();
  }

  #after(ms: number, callback: () => void): void {
    if (this.#stopping !== null) return;
    const cancel = this.#parts.clock.after(ms, () => {
      this.#planned.delete(cancel);
      callback();
    });
    this.#planned.add(cancel);
  }
}
