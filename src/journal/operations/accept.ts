/** Stores an event with everything it owes, unless its key is known. */

import type { PlannedDelivery, ThresholdHit } from '../../core/delivery.ts';
import { type EventHeader, writeEventHeader } from '../../core/event-header.ts';
import { faultPoint } from '../../core/fault-point.ts';
import type { Connection, Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import { type DedupeKey, type VerificationInfo, writeVerification } from '../verification.ts';
import { countOccurrence } from './count-occurrence.ts';
import { type DeliveryRow, deliveryRow, storeDelivery } from './store-delivery.ts';

export interface NewEvent {
  /** With its payload, it need not be read back for the deliveries that wait. */
  readonly event: EventHeader & { readonly payload?: unknown };
  /** The body as it was received and verified. */
  readonly body: Uint8Array;
  readonly dedupe: DedupeKey & {
    /** A second key: the event is a duplicate where either is known. Both are remembered, even of a duplicate. */
    readonly also?: DedupeKey;
  };
  readonly deliveries: readonly NewDelivery[];
  /** ms since the epoch. */
  readonly receivedAt: number;
  /** Nothing for the relay's own events. */
  readonly received?: VerificationInfo;
  /** The `traceparent` of its trace. */
  readonly trace?: string | null;
  /** Deliveries that this event reports on: marked as reported in the same commit. */
  readonly reports?: readonly number[];
}

export interface NewDelivery extends PlannedDelivery {
  /**
   * `sending`: it goes out as soon as it is stored, without being read back. `held`: until its `heldUntil`. `dead`: it
   * has ended, with its reason.
   */
  readonly state: 'held' | 'pending' | 'sending' | 'dead';
}

export type Acceptance =
  /** `seqs`: one per delivery, in their order; null for one that was counted, and whose threshold is not reached. */
  | { readonly kind: 'accepted'; readonly eventSeq: number; readonly seqs: readonly (number | null)[] }
  | { readonly kind: 'duplicate' };

/**
 * The keys decide first, in the same transaction: what they let through is stored with everything it owes. Postgres
 * accepts the events that share a commit together (postgres/accept-many.ts).
 */
export const accept: Operation<[NewEvent], Acceptance> = {
  writes: true,
  needs: 'undamaged',
  async run(connection, entering) {
    let known = false;
    for (const row of seenRows(entering)) known = (await connection.changes(remember, row)) === 0 || known;
    if (known) return DUPLICATE;
    const [stored] = await connection.rows(storeEvent, eventRow(entering));
    if (stored === undefined) throw new Error('the database returned no number for a stored event');
    const eventSeq = stored.seq;
    const hits = await countEach(connection, entering, eventSeq);
    const seqs: (number | null)[] = [];
    for (const delivery of entering.deliveries) {
      const hit = delivery.threshold === undefined ? null : (hits?.get(delivery.threshold.key) ?? null);
      const made = delivery.threshold === undefined || hit !== null;
      seqs.push(made ? await storeDelivery(connection, newDeliveryRow(delivery, entering, eventSeq, hit)) : null);
    }
    for (const seq of entering.reports ?? []) await connection.changes(markReported, { seq });
    faultPoint('accept.before-commit');
    return { kind: 'accepted', eventSeq, seqs };
  },
  committed: remembered,
};

/** What is sent from memory, or not before quiet hours end, is not read back soon. */
export function remembered(
  { events }: Pick<Connection, 'events'>,
  acceptance: Acceptance,
  { event, trace = null, body, deliveries }: NewEvent,
): void {
  if (acceptance.kind === 'duplicate' || !('payload' in event)) return;
  if (!deliveries.some(({ state }) => state === 'pending')) return;
  events.put(acceptance.eventSeq, { event: { ...event, payload: event.payload }, trace }, 2 * body.byteLength);
}

export const DUPLICATE: Acceptance = { kind: 'duplicate' };

export interface SeenRow {
  readonly source: string;
  readonly key: string;
  readonly until: number;
  readonly at: number;
}

/** The keys by which an event may have come before. */
export function seenRows({ event: { source }, dedupe, receivedAt: at }: NewEvent): readonly SeenRow[] {
  const { key, keepUntil: until, also } = dedupe;
  const first = { source, key, until, at };
  return also === undefined ? [first] : [first, { source, key: also.key, until: also.keepUntil, at }];
}

export interface EventRow {
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly envelope: string;
  readonly body: Uint8Array;
  readonly received: number;
  readonly receipt: string;
  readonly trace: string | null;
}

export function eventRow({ event, body, dedupe, receivedAt, received, trace }: NewEvent): EventRow {
  const { id, source, topic, subject } = event;
  const receipt = writeVerification(dedupe, received);
  const envelope = writeEventHeader(event);
  return { id, source, topic, subject, envelope, body, received: receivedAt, receipt, trace: trace ?? null };
}

export function newDeliveryRow(
  delivery: NewDelivery,
  { receivedAt: at }: NewEvent,
  eventSeq: number,
  hit: ThresholdHit | null,
): DeliveryRow {
  return deliveryRow(delivery, { eventSeq, at, state: delivery.state, replay: 0, hit });
}

/** An event is one occurrence of a key, however many deliveries wait for it: all of them are made, or none. */
async function countEach(connection: Connection, { deliveries, receivedAt: at }: NewEvent, eventSeq: number) {
  if (deliveries.every(({ threshold }) => threshold === undefined)) return null;
  const hits = new Map<string, ThresholdHit | null>();
  for (const { threshold } of deliveries) {
    if (threshold === undefined || hits.has(threshold.key)) continue;
    hits.set(threshold.key, await countOccurrence(connection, { threshold, at, eventSeq }));
  }
  return hits;
}

const remember = statement<SeenRow>((param, { db }) =>
  db
    .insertInto('seen')
    .values({ source: param.key('source'), key: param.key('key'), expires_at: param('until') })
    .onConflict((conflict) =>
      conflict
        .columns(['source', 'key'])
        .doUpdateSet((row) => ({ expires_at: row.ref('excluded.expires_at') }))
        .where('seen.expires_at', '<=', param('at')),
    ),
);

const storeEvent = statement<EventRow, { seq: number }>((param, { db }) =>
  db
    .insertInto('events')
    .values({
      id: param.key('id'),
      source: param.key('source'),
      topic: param('topic'),
      subject: param.key('subject'),
      envelope: param('envelope'),
      body: param('body'),
      received_at: param('received'),
      receipt: param('receipt'),
      trace: param('trace'),
    })
    .returning('seq'),
);

const markReported = statement<{ seq: number }>((param, { db }) =>
  db.updateTable('deliveries').set({ reported: 1 }).where('seq', '=', param('seq')).where('reported', '=', 0),
);
