/**
 * A lane: one Slack conversation's deliveries, strictly in order of acceptance. The first one that cannot go out yet
 * holds back those behind it, and nobody else's. What backs up goes out together.
 *
 * What a run has read may be stale: over a shared journal another instance may have taken the lane meanwhile. So nothing
 * is changed in Slack before it was marked as `sending`, which the journal refuses (`lane-lost`) to who has lost the
 * lane; the gateway's `ownsLanes` guards the time from there to the call. What goes before the mark only asks.
 */
import { LRUCache } from 'lru-cache';
import type { DeliverySettings } from '../../config/config.ts';
import { faultPoint } from '../../core/fault-point.ts';
import type { Journal, QueuedDelivery, WaitingDelivery } from '../../journal/contract.ts';
import { mayPost } from '../../verbs/post-once.ts';
import { roleOf } from '../../verbs/verbs.ts';
import type { SlackHealth } from '../health.ts';
import { type Candidate, type MergeStep, planMerge } from '../merge/merge.ts';
import type { PrepareMerged } from '../merge/merged-message.ts';
import type { Ruleset } from '../ruleset.ts';
import { type Attempt, type AttemptParts, attempt, attemptMerged } from './attempt.ts';
import type { LaneWork } from './contract.ts';
import { PAUSED_MS, RateGate, type RateGateParts } from './rate-gate.ts';

/** Read from the journal at once: a backlog lives on disk, not in memory. */
const BATCH = 16;
/** Looked at to decide what goes out together; what is behind comes next. */
const WINDOW = 250;
/** The same where something in doubt has to be seen whole, and what was released may stand in front of it. */
const WHOLE_WINDOW = 10_000;
/** One that is forgotten goes out with others once more, which does no harm. */
const INDIVIDUALLY_KEPT = 1_000;

export interface LaneParts extends AttemptParts, RateGateParts {
  readonly journal: Pick<Journal, 'next' | 'waiting' | 'load' | 'markSending' | 'complete' | 'retryLater' | 'hold'>;
  readonly health: Pick<SlackHealth, 'learn' | 'trouble'>;
  readonly settings: () => Pick<DeliverySettings, 'perChannel' | 'retry'>;
  readonly prepareMerged: PrepareMerged;
  /** Those in force now. */
  readonly rules: () => Pick<Ruleset, 'mergeRule' | 'quietUntil'>;
  /** Something is held until then, ms since the epoch. */
  readonly onHeld: (until: number) => void;
}

export function createLaneWork(parts: LaneParts): LaneWork {
  const gate = new RateGate(parts);
  const individually: Individually = new LRUCache({ max: INDIVIDUALLY_KEPT });
  return {
    mayStart: (lane) => gate.take(lane) === 0,

    async sendClaimed(delivery) {
      const { retryInMs, recorded } = await attempt(delivery, parts);
      await recorded;
      return retryInMs;
    },

    drain: (lane, stopping) => new Drain(lane, { parts, gate, individually, stopping }).run(),
    paused: () => gate.paused,
    paceOf: (lane) => gate.paceOf(lane),
    setPace: (lane, until) => gate.setPace(lane, until),
  };
}

/** Deliveries that could not go out with others: they are not merged again before they have ended. */
type Individually = LRUCache<number, true>;

interface DrainContext {
  readonly parts: LaneParts;
  readonly gate: RateGate;
  readonly individually: Individually;
  readonly stopping: () => boolean;
}

/** One run through a lane. Gives ms until it wants to go on, or null when nothing is left. */
class Drain {
  readonly #lane: string;
  readonly #parts: LaneParts;
  readonly #gate: RateGate;
  readonly #stopping: () => boolean;
  readonly #individually: Individually;
  /** That one has ended is recorded together with that the next begins: one commit instead of two. */
  #recorded: Promise<void> = Promise.resolve();
  /** Of the last attempt. */
  #arrived = true;

  constructor(lane: string, { parts, gate, individually, stopping }: DrainContext) {
    this.#lane = lane;
    this.#parts = parts;
    this.#gate = gate;
    this.#individually = individually;
    this.#stopping = stopping;
  }

  async run(): Promise<number | null> {
    try {
      while (!this.#stopping()) {
        if (this.#parts.health.trouble() !== null) return PAUSED_MS;
        const waitMs = await this.#round();
        if (waitMs !== undefined) return waitMs;
      }
      return null;
    } finally {
      await this.#recorded;
    }
  }

  /** Undefined: there may be more. */
  async #round(): Promise<number | null | undefined> {
    await this.#recorded;
    const batch = await this.#parts.journal.next(this.#lane, BATCH);
    const [head] = batch;
    if (head === undefined) return null;
    if (await this.#hold(batch)) return undefined;
    const overtaken = await this.#overtaken(head);
    const early = this.#gate.takeFor(overtaken?.first ?? head);
    if (early > 0) return early;
    const steps = overtaken?.steps ?? (await this.#plan(batch));
    const waitMs = steps === null ? await this.#sendIndividually(batch) : await this.#sendSteps(steps);
    return waitMs === null ? undefined : waitMs;
  }

  /** Whether something was put off because its recipient is not to be disturbed. */
  async #hold(batch: readonly QueuedDelivery[]): Promise<boolean> {
    let held = false;
    for (const delivery of batch) {
      const asked = delivery.doubt === null ? this.#parts.rules().quietUntil(delivery) : null;
      const until = asked === null ? null : await asked;
      if (until === null) continue;
      await this.#parts.journal.hold(delivery.seq, until, this.#parts.clock.now());
      this.#parts.onHeld(until);
      held = true;
    }
    return held;
  }

  /**
   * What was released from quiet hours comes before what was sent earlier. Where that is in doubt it
   * comes first: it may be in Slack already, with the root of its thread, and what comes after it builds on that.
   */
  async #overtaken(head: QueuedDelivery): Promise<{ first: QueuedDelivery; steps: readonly MergeStep[] } | null> {
    if (!head.released || head.doubt !== null) return null;
    const { journal } = this.#parts;
    const waiting = await journal.waiting(this.#lane, WHOLE_WINDOW);
    const doubtful = waiting.find(({ inDoubt }) => inDoubt);
    const [first] = doubtful === undefined ? [] : await journal.load([doubtful.seq]);
    if (first === undefined) return null;
    const together = waiting.filter(({ seq, group }) => seq === first.seq || (group !== null && group === first.group));
    return { first, steps: planMerge(together.map((row) => this.#candidate(row))) };
  }

  /** Null where all go individually, as long as there is no backlog. */
  async #plan(batch: readonly QueuedDelivery[]): Promise<MergeStep[] | null> {
    const backedUp = batch.some(({ route, target, released, group, doubt }) => {
      const rule = this.#parts.rules().mergeRule(route);
      if (group !== null || (doubt !== null && roleOf(target) === 'card')) return true;
      return rule !== null && (released || batch.length === BATCH || batch.length > rule.whenWaiting);
    });
    if (!backedUp) return null;
    const { journal } = this.#parts;
    let waiting = await journal.waiting(this.#lane, WINDOW);
    if (waiting.length === WINDOW && waiting.some(({ inDoubt }) => inDoubt)) {
      waiting = await journal.waiting(this.#lane, WHOLE_WINDOW);
    }
    const steps = planMerge(waiting.map((row) => this.#candidate(row)));
    return steps.every(({ kind }) => kind === 'one') ? null : steps;
  }

  #candidate({ route, target, source, subject, ...row }: WaitingDelivery): Candidate {
    const rule = this.#individually.has(row.seq) ? null : this.#parts.rules().mergeRule(route);
    return { ...row, role: roleOf(target), subject: subject === null ? null : `${source} ${subject}`, rule };
  }

  /** The turn of the first is taken. Gives ms to wait, or null. */
  async #sendIndividually(batch: readonly QueuedDelivery[]): Promise<number | null> {
    for (const [index, delivery] of batch.entries()) {
      if (this.#stopping()) return null;
      const early = index === 0 ? 0 : this.#gate.takeFor(delivery);
      if (early > 0) return early;
      const waitMs = await this.#sendOne(delivery);
      if (waitMs !== null) return waitMs;
    }
    return null;
  }

  /** The same for what was planned. A step whose deliveries have changed meanwhile ends the plan. */
  async #sendSteps(steps: readonly MergeStep[]): Promise<number | null> {
    for (const [index, step] of steps.entries()) {
      if (this.#stopping()) return null;
      const deliveries = await this.#load(step);
      const [first] = deliveries;
      if (first === undefined) return null;
      const early = index === 0 ? 0 : this.#gate.takeFor(first);
      if (early > 0) return early;
      const waitMs = await this.#send(step, deliveries);
      if (waitMs !== null) return waitMs;
      // What had no room, or could not go out with others, comes next; so does what was to stand below a card that is not.
      if ('seqs' in step || !this.#arrived) return null;
    }
    return null;
  }

  /** What the step sends first. */
  #load(step: MergeStep): Promise<QueuedDelivery[]> {
    return this.#parts.journal.load('seqs' in step ? step.seqs : [step.seq]);
  }

  async #send(step: MergeStep, deliveries: readonly QueuedDelivery[]): Promise<number | null> {
    const [first] = deliveries;
    if (first === undefined) return null;
    if (step.kind === 'one') return this.#sendOne(first);
    if (step.kind === 'update') return this.#sendOne(first, await this.#parts.journal.load(step.superseded));
    const together = await this.#parts.prepareMerged(step, deliveries);
    this.#sendIndividuallyFromNowOn(together.individually);
    const [lead] = together.members;
    if (lead === undefined) return null;
    await this.#mark(together.members, together.group);
    const tried = await attemptMerged(together, this.#parts);
    if (tried.ownFault) this.#sendIndividuallyFromNowOn(together.members);
    return this.#note(tried);
  }

  async #sendOne(delivery: QueuedDelivery, superseded: readonly QueuedDelivery[] = []): Promise<number | null> {
    await this.#mark([delivery]);
    faultPoint('accept.answered');
    const tried = await attempt(delivery, this.#parts, superseded);
    if (tried.retryInMs === null) this.#individually.delete(delivery.seq);
    return this.#note(tried);
  }

  #sendIndividuallyFromNowOn(deliveries: readonly QueuedDelivery[]): void {
    for (const { seq } of deliveries) this.#individually.set(seq, true);
  }

  /**
   * What only looks leaves nothing in Slack, and stays as it is. A card is updated without a look, which is safe to
   * repeat, but not after somebody else's newer update. A reaction is the same one whoever adds it.
   */
  async #mark(deliveries: readonly QueuedDelivery[], group?: number): Promise<void> {
    const changes = deliveries.every(({ doubt, target }) => mayPost(doubt) || roleOf(target) === 'card');
    const seqs = deliveries.map(({ seq }) => seq);
    const marked = changes ? this.#parts.journal.markSending(seqs, this.#parts.clock.now(), group) : null;
    await Promise.all([this.#recorded, marked]);
  }

  #note({ retryInMs, recorded, arrived }: Attempt): number | null {
    this.#recorded = recorded;
    this.#arrived = arrived;
    // Whoever goes on in the lane awaits it; that it fails before does not end the process.
    recorded.catch(() => undefined);
    return retryInMs;
  }
}
