/** Sending again: what was selected is planned anew by today's routes, and what is owed goes to the ends of its lanes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import type { PlannedDelivery } from '../core/delivery.ts';
import type { DeliveryRecord, Journal, Replay, StoredEvent } from '../journal/contract.ts';
import type { Lanes } from '../relay/lanes/lanes.ts';
import { RELAY_SOURCE } from '../relay/upkeep/reports.ts';
import type { Order } from './audit.ts';
import type { ReplayResult } from './outcomes.ts';
import { planReplay, type ReplayPlan, type ReplayRules } from './replay-plan.ts';
import { allDeliveries, type Selected, select } from './replay-selection.ts';
import { SKIPPED, type Skip, SkipCount } from './replay-skips.ts';

export interface ReplayRequest extends Order {
  /** What has gone out already too. */
  readonly again?: boolean | undefined;
}

export interface ReplayParts {
  /** Those in force now. */
  readonly rules: () => ReplayRules & {
    /** What has ended is kept for so long, ms. */
    readonly retentionMs: number;
  };
  readonly journal: Pick<Journal, 'events' | 'deliveries' | 'replay'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Something is about to be stored at the end of a lane. */
  readonly join: Lanes['join'];
}

/** Rejects only as the journal does; then a part of it may have been done, and the rest can be asked for again. */
export async function replay(request: ReplayRequest, parts: ReplayParts): Promise<ReplayResult> {
  const count = new Count(request.dryRun === true);
  const notes = { unknown: (id: string) => count.unknown(id), skip: (skip: Skip) => count.skip(skip) };
  for await (const page of select(request, parts.journal, notes)) {
    if (page.length > 0) await replayPage(page, request, { parts, count });
  }
  return count.result();
}

interface Context {
  readonly parts: ReplayParts;
  readonly count: Count;
}

async function replayPage(page: readonly Selected[], request: ReplayRequest, context: Context): Promise<void> {
  const { journal } = context.parts;
  const eventSeqs = page.map(({ eventSeq }) => eventSeq);
  const [events, records] = await Promise.all([
    journal.events({ seqs: eventSeqs, limit: eventSeqs.length }),
    allDeliveries({ eventSeqs, replayed: false }, journal),
  ]);
  const eventOf = new Map(events.map((stored) => [stored.seq, stored]));
  const recordsOf = Map.groupBy(records, ({ eventSeq }) => eventSeq);
  const changes: { eventSeq: number; piece: ReplayPlan['pieces'][number] }[] = [];
  for (const selected of page) {
    const stored = eventOf.get(selected.eventSeq);
    // Pruned a moment ago.
    if (stored === undefined) continue;
    const { pieces, skips } = planEvent(stored, recordsOf.get(stored.seq) ?? [], { selected, request, ...context });
    for (const skip of skips) context.count.skip(skip);
    for (const piece of pieces) changes.push({ eventSeq: stored.seq, piece });
    // Each may be as much work as there is for an event: requests are read in between.
    await nextTurn();
  }
  // Asked for in order, they are stored in order, and share a commit.
  await Promise.all(
    changes.map(({ eventSeq, piece }) => store(eventSeq, piece, { dryRun: request.dryRun, ...context })),
  );
}

function planEvent(
  { event }: StoredEvent,
  records: readonly DeliveryRecord[],
  { selected, request, parts, count }: Context & { selected: Selected; request: ReplayRequest },
): ReplayPlan {
  const { numbers } = selected;
  if (event.source === RELAY_SOURCE) {
    const [first = null] = numbers ?? [];
    return { pieces: [], skips: [{ ...SKIPPED.report(), delivery: first }] };
  }
  for (const number of numbers ?? []) {
    if (!records.some(({ seq }) => seq === number)) count.skip({ ...SKIPPED.replayed(), delivery: number });
  }
  const now = parts.clock.now();
  const complete = Date.parse(event.received_at) >= now - parts.rules().retentionMs;
  return planReplay({ event, records, selected: numbers, again: request.again === true, complete, now }, parts.rules());
}

async function store(
  eventSeq: number,
  { deliveries, replaces }: ReplayPlan['pieces'][number],
  { dryRun, parts, count }: Context & { dryRun: boolean | undefined },
): Promise<void> {
  if (dryRun !== true) {
    const stored = await storeInLanes({ eventSeq, at: parts.clock.now(), deliveries, replaces }, parts);
    if (stored === null) {
      for (const delivery of replaces) count.skip({ ...SKIPPED.replayed(), delivery });
      return;
    }
  }
  count.replayed(deliveries.filter(isSent), replaces.length);
}

/** The lanes are entered before the commit: an event that is accepted meanwhile comes after it, and is not claimed. */
async function storeInLanes(change: Replay, { journal, join }: ReplayParts): Promise<readonly number[] | null> {
  const entrances = change.deliveries.filter(isSent).map(({ lane }) => join(lane));
  let stored: readonly number[] | null = null;
  try {
    stored = await journal.replay(change);
  } finally {
    for (const entrance of entrances) {
      if (stored === null) entrance.dropped();
      else entrance.stored();
    }
  }
  return stored;
}

/** Not what is dead from the start. */
function isSent({ dead }: PlannedDelivery): boolean {
  return dead === undefined;
}

class Count {
  readonly #dryRun: boolean;
  readonly #skipped = new SkipCount();
  readonly #unknown: string[] = [];
  readonly #lanes = new Set<string>();
  #deliveries = 0;
  #replaced = 0;

  constructor(dryRun: boolean) {
    this.#dryRun = dryRun;
  }

  replayed(deliveries: readonly { readonly lane: string }[], replaced: number): void {
    this.#deliveries += deliveries.length;
    for (const { lane } of deliveries) this.#lanes.add(lane);
    this.#replaced += replaced;
  }

  skip(skip: Skip): void {
    this.#skipped.add(skip);
  }

  unknown(id: string): void {
    this.#unknown.push(id);
  }

  result(): ReplayResult {
    return {
      dry_run: this.#dryRun,
      deliveries: this.#deliveries,
      conversations: this.#lanes.size,
      replaced: this.#replaced,
      skipped: this.#skipped.list(),
      unknown_ids: this.#unknown,
    };
  }
}
