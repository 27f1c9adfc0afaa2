/** What the store found, as whoever looks is told. */
import { DELIVERY_STATES } from '../core/delivery.ts';
import type { Reason } from '../core/outcome.ts';
import { eventOf } from './flat.ts';
import type { Backlog, EventSearch, FoundEvent, FoundEvents, InspectedEvent, KeptAttempt } from './inspection.ts';
import type { AttemptRow, BacklogRows, FoundRow, FoundRows, InspectedRow } from './inspection-rows.ts';
import { readReception } from './reception.ts';

export function foundEventsOf({ rows, last, end }: FoundRows, { limit }: Pick<EventSearch, 'limit'>): FoundEvents {
  const events = rows.map(foundEventOf);
  const lowest = events.at(-1);
  // Full before the end of what was looked at: what is behind the last of them has not been shown.
  if (lowest !== undefined && events.length === limit) {
    const over = end && lowest.seq === last?.seq;
    return { events, next: over ? null : lowest.seq, lookedUntil: lowest.receivedAt };
  }
  return { events, next: end ? null : (last?.seq ?? null), lookedUntil: last?.received_at ?? null };
}

function foundEventOf(row: FoundRow): FoundEvent {
  const { seq, id, source, topic, subject, received_at: receivedAt } = row;
  const found = row.states?.split(',') ?? [];
  const states: FoundEvent['states'] = {};
  for (const state of DELIVERY_STATES) {
    const count = found.filter((one) => one === state).length;
    if (count > 0) states[state] = count;
  }
  return { seq, id, source, topic, subject, receivedAt, states };
}

export function inspectedOf(row: InspectedRow): InspectedEvent {
  const { seq, body, received_at: receivedAt, receipt, trace, conflict_at: lastAt } = row;
  const conflicts = lastAt === null ? null : { count: row.conflicts, lastAt };
  return { seq, event: eventOf(row), body, receivedAt, trace, conflicts, ...readReception(receipt) };
}

export function keptAttemptOf({ delivery_seq, at, ms, outcome, ...row }: AttemptRow): KeptAttempt {
  return { deliverySeq: delivery_seq, at, ms, outcome, reason: reasonOf(row.code, row.detail) };
}

export function backlogOf({ total, failed, lanes }: BacklogRows): Backlog {
  const failedIn = (state: 'dead' | 'parked') => failed.find((row) => row.state === state)?.count ?? 0;
  return {
    lanes: total.lanes,
    deliveries: total.deliveries,
    oldestAt: total.oldest_at,
    byState: { pending: total.pending, sending: total.sending, held: total.held },
    failed: { dead: failedIn('dead'), parked: failedIn('parked') },
    oldestPendingAt: total.oldest_pending_at,
    longest: lanes.map(({ lane, waiting, held, attempts, ...row }) => ({
      lane,
      waiting,
      held,
      inDoubt: row.in_doubt,
      oldestAt: row.oldest_at,
      dueAt: row.due_at,
      attempts,
      reason: reasonOf(row.reason_code, row.reason),
      firstHeld:
        row.held_route === null || row.held_until === null ? null : { route: row.held_route, until: row.held_until },
    })),
  };
}

function reasonOf(code: string | null, detail: string | null): Reason | null {
  return code === null ? null : { code, detail: detail ?? '' };
}
