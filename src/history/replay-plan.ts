/**
 * What to send again for one event, by today's routes. Pure.
 *
 * Each planned delivery is matched with the recorded one that it would repeat: the same route, verb and lane, one for
 * one. What has gone out or is on its way is not planned a second time; what is listed (dead or parked) is replaced.
 * What was dismissed is replaced only where its number is given, or with `again`. A
 * listed one whose lane the route does not plan any more is replaced by what the route plans in its stead: the route has
 * moved to another channel. What a threshold waits for is made only in place of something listed: a replay does not count.
 */
import { isDeepStrictEqual } from 'node:util';
import { type DeliveryState, FAILED_STATES, isMade, type PlannedDelivery } from '../core/delivery.ts';
import type { RelayEvent } from '../core/event.ts';
import type { DeliveryRecord, Replay } from '../journal/contract.ts';
import { type Planning, plan } from '../routing/plan.ts';
import type { Route } from '../routing/route.ts';
import { SKIPPED, type Skip } from './replay-skips.ts';

export interface ReplayCase {
  readonly event: RelayEvent;
  /** All that is recorded for the event, but what has been replayed since. */
  readonly records: readonly DeliveryRecord[];
  /** The deliveries to send again; null: whatever of the event has not gone out. */
  readonly selected: ReadonlySet<number> | null;
  /** What went out already too. */
  readonly again: boolean;
  /** False where deliveries that went out may have been pruned from the records. */
  readonly complete: boolean;
  /** ms since the epoch: quiet hours hold back what is sent again, too. */
  readonly now: number;
}

export interface ReplayRules {
  readonly routes: readonly Route[];
  readonly planning: Planning;
}

export interface ReplayPlan {
  /** In the order in which they are planned. Each is one atomic change. */
  readonly pieces: readonly Pick<Replay, 'deliveries' | 'replaces'>[];
  readonly skips: readonly Skip[];
}

export function planReplay(given: ReplayCase, { routes, planning }: ReplayRules): ReplayPlan {
  const planned = plan(given.event, routes, { ...planning, now: given.now });
  const made = planned.deliveries.filter(({ dead }) => dead === undefined);
  const slots = made.map(
    ({ threshold, ...delivery }): Slot => ({ delivery, counted: threshold !== undefined, record: null, used: false }),
  );
  const unmatched = matchUp(
    slots,
    given.records.filter(({ target }) => isMade(target)),
    planning,
  );
  const found: Found = { pieces: new Map(), skips: [] };
  repeat(slots, given, found);
  const selected = unmatched.filter((record) => isSelected(record, given));
  rehouse(slots, selected, { given, routes, found });
  makeUp(slots, given, { found, routes, dead: planned.deliveries.filter(({ dead }) => dead !== undefined) });
  if (given.selected === null) complete(slots, given, found);
  return { pieces: slots.flatMap((slot) => found.pieces.get(slot) ?? []), skips: found.skips };
}

interface Found {
  /** By the slot where they stand. */
  readonly pieces: Map<Slot, Piece>;
  readonly skips: Skip[];
}

/** What is planned as it was then. */
function repeat(slots: readonly Slot[], given: ReplayCase, { pieces, skips }: Found): void {
  for (const slot of slots) {
    const { record, delivery } = slot;
    if (record === null || !isSelected(record, given)) continue;
    const skip = whyNot(record, given);
    if (skip !== null) skips.push(skip);
    else pieces.set(slot, { deliveries: [delivery], replaces: isOwed(record, given) ? [record.seq] : [] });
  }
}

/** What is listed in a lane where its route does not lead any more: what the route plans instead stands for all of it. */
function rehouse(
  slots: readonly Slot[],
  unmatched: readonly DeliveryRecord[],
  { given, routes, found }: { given: ReplayCase; routes: readonly Route[]; found: Found },
): void {
  for (const [group, members] of Map.groupBy(unmatched, groupOf)) {
    const homeless = members.filter((record) => isOwed(record, given));
    const dismissed = members.some(isDismissed);
    const instead = slots.filter(({ record, delivery }) => record === null && groupOf(delivery) === group);
    const [first] = instead;
    const moved = first !== undefined && homeless.length > 0;
    if (moved || dismissed) for (const slot of instead) slot.used = true;
    if (moved) {
      const deliveries = instead.map(({ delivery }) => delivery);
      found.pieces.set(first, { deliveries, replaces: homeless.map(({ seq }) => seq) });
    }
    for (const record of members) {
      // Of an event as a whole, what went out where its route does not lead any more is no concern.
      const concerns = isOwed(record, given) ? !moved : given.selected !== null || isDismissed(record);
      if (concerns) found.skips.push(whyUnplanned(record, { slots, routes, explicit: isOwed(record, given) }));
    }
  }
}

/**
 * What a route did not make (`none`): whatever it plans today and has no record stands for that. What is still beyond
 * its bounds goes with it, as one dead delivery again; where that is all, nothing has changed, and it stays.
 */
function makeUp(
  slots: readonly Slot[],
  given: ReplayCase,
  { found, routes, dead }: { found: Found; routes: readonly Route[]; dead: readonly PlannedDelivery[] },
): void {
  for (const record of given.records) {
    const { route, seq } = record;
    if (isMade(record.target) || !isSelected(record, given)) continue;
    if (!isOwed(record, given)) {
      if (isDismissed(record)) found.skips.push({ ...SKIPPED.dismissed(), delivery: seq });
      continue;
    }
    const open = slots.filter((slot) => slot.delivery.route === route && slot.record === null && !slot.used);
    const still = dead.filter((delivery) => delivery.route === route);
    const [first] = open;
    if (first === undefined) {
      const [beyond] = still;
      const why =
        beyond?.dead === undefined
          ? whyUnplanned(record, { slots, routes, explicit: true })
          : SKIPPED.beyond(beyond.dead.detail);
      found.skips.push({ ...why, delivery: seq });
      continue;
    }
    for (const slot of open) slot.used = true;
    const deliveries = [
      ...open.map(({ delivery }) => delivery),
      ...still.map(({ threshold: _, ...delivery }) => delivery),
    ];
    found.pieces.set(first, { deliveries, replaces: [seq] });
  }
}

/** What an event owes today and never owed before. */
function complete(slots: readonly Slot[], given: ReplayCase, { pieces, skips }: Found): void {
  const open = slots.filter(({ record, used }) => record === null && !used);
  const owed = open.filter(({ counted }) => !counted);
  const counting = new Set(open.filter(({ counted }) => counted).map(({ delivery }) => delivery.route));
  for (const route of counting) skips.push({ ...SKIPPED.counted(route), delivery: null });
  if (given.complete || given.again) {
    for (const slot of owed) pieces.set(slot, { deliveries: [slot.delivery], replaces: [] });
  } else if (owed.length > 0) skips.push({ ...SKIPPED.old(), delivery: null });
  if (slots.length === 0 && given.records.length === 0) skips.push({ ...SKIPPED.unrouted(), delivery: null });
}

type Piece = ReplayPlan['pieces'][number];

/** A planned delivery, and the recorded one that it would repeat. */
interface Slot {
  readonly delivery: PlannedDelivery;
  /** It waits for a threshold. */
  readonly counted: boolean;
  record: DeliveryRecord | null;
  /** It stands for what its route led to before. */
  used: boolean;
}

/** Gives each slot its record. The records that are left over are returned, oldest first. */
function matchUp(
  slots: readonly Slot[],
  records: readonly DeliveryRecord[],
  planning: Planning,
): readonly DeliveryRecord[] {
  let left = records.toSorted((a, b) => Number(isFailed(a)) - Number(isFailed(b)) || a.seq - b.seq);
  // Of several in one lane, those of the same template and kind belong together before any others do.
  for (const alike of [isDeepStrictEqual, () => true]) {
    left = left.filter((record) => {
      const identity = identityOf({ ...record, lane: laneToday(record, planning) });
      const slot = slots.find(
        ({ delivery, record: taken }) =>
          taken === null && identityOf(delivery) === identity && alike(delivery.target, record.target),
      );
      if (slot !== undefined) slot.record = record;
      return slot === undefined;
    });
  }
  return left.toSorted((a, b) => a.seq - b.seq);
}

/** Whom `people.map` has learnt to know since has another lane now. */
function laneToday({ lane, target }: DeliveryRecord, { personKey }: Planning): string {
  return target.to === undefined ? lane : `dm:${personKey(target.to)}`;
}

function identityOf(delivery: PlannedDelivery): string {
  return JSON.stringify([delivery.route, delivery.target.verb, delivery.lane]);
}

function groupOf({ route, target }: PlannedDelivery): string {
  return JSON.stringify([route, target.verb]);
}

function isListed({ state }: { readonly state: DeliveryState }): boolean {
  return FAILED_STATES.some((listed) => listed === state);
}

function isDismissed({ state }: { readonly state: DeliveryState }): boolean {
  return state === 'dismissed';
}

function isFailed(record: { readonly state: DeliveryState }): boolean {
  return isListed(record) || isDismissed(record);
}

/** Whether it is to be replaced. */
function isOwed(record: DeliveryRecord, { selected, again }: ReplayCase): boolean {
  return isListed(record) || (isDismissed(record) && (selected !== null || again));
}

function isOnItsWay({ state }: { readonly state: DeliveryState }): boolean {
  return state === 'held' || state === 'pending' || state === 'sending';
}

function isSelected({ seq }: DeliveryRecord, { selected }: ReplayCase): boolean {
  return selected === null || selected.has(seq);
}

function whyNot(record: DeliveryRecord, given: ReplayCase): Skip | null {
  if (isOnItsWay(record)) return { ...SKIPPED.onItsWay(), delivery: record.seq };
  if (isOwed(record, given) || given.again) return null;
  if (isDismissed(record)) return { ...SKIPPED.dismissed(), delivery: record.seq };
  return { ...SKIPPED.sent(), delivery: record.seq };
}

function whyUnplanned(
  record: DeliveryRecord,
  { slots, routes, explicit }: { slots: readonly Slot[]; routes: readonly Route[]; explicit: boolean },
): Skip {
  const { seq: delivery, route } = record;
  if (isOnItsWay(record)) return { ...SKIPPED.onItsWay(), delivery };
  if (isDismissed(record) && !explicit) return { ...SKIPPED.dismissed(), delivery };
  if (!routes.some(({ name }) => name === route)) return { ...SKIPPED.routeGone(route), delivery };
  const planned = slots.some((slot) => groupOf(slot.delivery) === groupOf(record));
  return { ...(planned ? SKIPPED.covered(route) : SKIPPED.notTaken(route)), delivery };
}
