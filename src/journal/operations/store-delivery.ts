/** Stores a delivery at the end of its lane. */
import type { PlannedDelivery, ThresholdHit } from '../../core/delivery.ts';
import type { Connection } from '../operation.ts';
import { statement } from '../statement.ts';

/** A delivery as it enters the table. */
export interface DeliveryRow {
  readonly event_seq: number;
  readonly lane: string;
  readonly route: string;
  /** JSON. */
  readonly target: string;
  readonly state: 'held' | 'pending' | 'sending' | 'dead';
  readonly due: number;
  readonly at: number;
  readonly attempted: number | null;
  readonly replay: 0 | 1;
  readonly storm_count: number | null;
  readonly storm_since: number | null;
  readonly reason_code: string | null;
  readonly reason: string | null;
}

interface Entering extends Pick<DeliveryRow, 'at' | 'state' | 'replay'> {
  readonly eventSeq: number;
  readonly hit: ThresholdHit | null;
}

export function deliveryRow(
  { lane, route, target, heldUntil, dead }: PlannedDelivery,
  { eventSeq, at, state, replay, hit }: Entering,
): DeliveryRow {
  return {
    event_seq: eventSeq,
    lane,
    route,
    target: JSON.stringify(target),
    state,
    due: state === 'held' ? (heldUntil ?? at) : at,
    at,
    attempted: state === 'sending' ? at : null,
    replay,
    storm_count: hit?.count ?? null,
    storm_since: hit?.since ?? null,
    reason_code: dead?.code ?? null,
    reason: dead?.detail ?? null,
  };
}

/** Returns its number. */
export async function storeDelivery(connection: Connection, row: DeliveryRow): Promise<number> {
  const [stored] = await connection.rows(store, row);
  if (stored === undefined) throw new Error('the database returned no number for a stored delivery');
  return stored.seq;
}

const store = statement<DeliveryRow, { seq: number }>((param, { db }) =>
  db
    .insertInto('deliveries')
    .values({
      event_seq: param('event_seq'),
      lane: param.key('lane'),
      route: param('route'),
      target: param('target'),
      state: param('state'),
      attempts: 0,
      due_at: param('due'),
      due_set_at: param('at'),
      accepted_at: param('at'),
      updated_at: param('at'),
      attempted_at: param('attempted'),
      replay: param('replay'),
      storm_count: param('storm_count'),
      storm_since: param('storm_since'),
      reason_code: param('reason_code'),
      reason: param('reason'),
    })
    .returning('seq'),
);
