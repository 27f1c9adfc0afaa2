/**
 * Answers what became of every event, and sends failed deliveries again or dismisses them. This folder looks back at what
 * the journal holds; relay/, the engine, does not know it.
 */
import type { DeliveryState } from '../core/delivery.ts';
import type { RelayEvent } from '../core/event.ts';
import type { AuditQuery, DeliveryRecord, Journal } from '../journal/contract.ts';
import { WorkTurns } from '../language/work-turns.ts';
import { RELAY_SOURCE } from '../relay/upkeep/reports.ts';
import { planByRoute } from '../routing/plan.ts';
import { audited, auditOf } from './audit.ts';
import type { AuditPage } from './audit-view.ts';
import { type DismissOrder, dismiss } from './dismiss.ts';
import {
  type DeliveryPage,
  type DismissResult,
  deliveryOutcome,
  type EventOutcome,
  eventOutcome,
  type ReplayResult,
} from './outcomes.ts';
import { type ReplayParts, type ReplayRequest, replay } from './replay.ts';
import { allDeliveries, eventsOf } from './replay-selection.ts';

/** Which deliveries. All conditions given must hold. */
export interface DeliveryFilter {
  readonly numbers?: readonly number[] | undefined;
  /** With states, what has been replayed since is left out: it is no longer owed. */
  readonly states?: readonly DeliveryState[] | undefined;
  /** ms since the epoch: accepted, or made by a replay, then or later. */
  readonly since?: number | undefined;
  /** Only those before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** All reject as the journal does. */
export interface DeliveryHistory {
  deliveries(filter: DeliveryFilter): Promise<DeliveryPage>;
  /** The events with this id of the sender's, or else with this number. Empty: there is none. */
  events(id: string): Promise<EventOutcome[]>;
  /** The same events whole, payload included, as they were when they came in. */
  stored(id: string): Promise<RelayEvent[]>;
  /** One at a time: what two ask for at once is sent once. */
  replay(request: ReplayRequest): Promise<ReplayResult>;
  /** Dead and parked deliveries are not owed any more: somebody decided so. */
  dismiss(order: DismissOrder): Promise<DismissResult>;
  /** Who replayed and dismissed what. */
  audit(query: AuditQuery): Promise<AuditPage>;
}

export interface DeliveryHistoryParts extends ReplayParts {
  readonly journal: ReplayParts['journal'] & Pick<Journal, 'dismiss' | 'inspect' | 'audit' | 'beginAudit' | 'endAudit'>;
}

export function createDeliveryHistory(parts: DeliveryHistoryParts): DeliveryHistory {
  const { journal } = parts;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async deliveries({ numbers, states, since, before, limit }) {
      const records = await journal.deliveries({
        ...(numbers !== undefined && { seqs: numbers }),
        ...(states !== undefined && { states, replayed: false }),
        ...(since !== undefined && { since }),
        ...(before !== undefined && { before }),
        limit: limit + 1,
      });
      const shown = records.slice(0, limit);
      const next = records.length > limit ? (shown.at(-1)?.seq ?? null) : null;
      return { deliveries: shown.map(deliveryOutcome), next };
    },

    async events(id) {
      const events = await eventsOf(id, journal);
      if (events.length === 0) return [];
      const records = await allDeliveries({ eventSeqs: events.map(({ seq }) => seq) }, journal);
      const outcomes: EventOutcome[] = [];
      for (const stored of events) {
        const made = records.filter(({ eventSeq }) => eventSeq === stored.seq);
        const conflicts = (await journal.inspect(stored.seq))?.conflicts ?? null;
        const counting = await countedBy(stored.event, made, parts);
        outcomes.push(eventOutcome(stored, made, { countedBy: counting, conflicts }));
      }
      return outcomes;
    },

    async stored(id) {
      const events = await eventsOf(id, journal);
      return events.map(({ event }) => event);
    },

    replay(request) {
      const work = () => replay(request, parts);
      const count = ({ deliveries }: ReplayResult) => deliveries;
      const done = last.then(() => audited(request, { action: 'replay', again: request.again, work, count }, parts));
      last = done.catch(() => undefined);
      return done;
    },

    dismiss(order) {
      const work = () => dismiss(order, parts);
      const count = ({ dismissed }: DismissResult) => dismissed;
      return audited(order, { action: 'dismiss', reason: order.reason, work, count }, parts);
    },

    audit: (query) => auditOf(query, journal),
  };
}

/** Routes that count the event, but for those that made something of it. */
async function countedBy(
  event: RelayEvent,
  made: readonly DeliveryRecord[],
  { rules, clock }: Pick<ReplayParts, 'rules' | 'clock'>,
): Promise<string[]> {
  if (event.source === RELAY_SOURCE) return [];
  const { routes, planning } = rules();
  const reading = planByRoute(event, routes, { ...planning, now: clock.now() });
  const { deliveries } = await new WorkTurns().spread(reading);
  const told = new Set(made.map(({ route }) => route));
  const counting = deliveries.filter(({ threshold, route }) => threshold !== undefined && !told.has(route));
  return [...new Set(counting.map(({ route }) => route))];
}
