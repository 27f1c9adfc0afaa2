/**
 * Accepting: from a raw request to an event that is on disk with everything it owes. The stages stand in the order
 * in which they must happen; nothing unverified gets past the first, and nothing is answered before the last.
 */
import { LRUCache } from 'lru-cache';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { isMade, type PlannedDelivery } from '../../core/delivery.ts';
import type { RelayEvent } from '../../core/event.ts';
import { faultPoint } from '../../core/fault-point.ts';
import { NO_TRACING, type SpanAttributes, type Tracing } from '../../core/tracing.ts';
import type { Acceptance, Journal, NewDelivery, NewEvent, QueuedDelivery } from '../../journal/contract.ts';
import { WorkTurns } from '../../language/work-turns.ts';
import { type Plan, planByRoute } from '../../routing/plan.ts';
import type { RawRequest, ReadNote, Refusal, Source } from '../../sources/source.ts';
import type { Reservation } from '../lanes/contract.ts';
import type { Lanes } from '../lanes/lanes.ts';
import type { Ruleset } from '../ruleset.ts';
import { type Conflict, findConflict, type Repeat } from './conflicts.ts';
import type { OnDead } from './dead-from-the-start.ts';

/** Ids remembered to answer a repeated webhook without asking the journal, which alone decides. */
const RECENT_IDS = 10_000;

export type AcceptResult =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'duplicate'; readonly event: RelayEvent; readonly conflict: Conflict | null }
  /** `eventSeq`: the journal's number for it. */
  | {
      readonly kind: 'accepted';
      readonly event: RelayEvent;
      readonly eventSeq: number;
      readonly plan: Plan;
      /** What of it could not be read. */
      readonly notes: readonly ReadNote[];
      /** False where the body is kept as it came: its Content-Encoding could not be undone. */
      readonly decoded: boolean;
    };

export interface AcceptParts {
  /** Those in force now. */
  readonly rules: () => Pick<Ruleset, 'planning' | 'sendsAtOnce'> & { readonly config: Pick<Config, 'routes'> };
  readonly journal: Pick<Journal, 'accept' | 'events' | 'noteConflict'>;
  readonly lanes: Pick<Lanes, 'enter' | 'join'>;
  /** Something is held until then, ms since the epoch. */
  readonly onHeld: (until: number) => void;
  /** A delivery was dead from the start, and is stored. */
  readonly onDead: OnDead;
  readonly clock: Pick<Clock, 'now'>;
  readonly tracing?: Pick<Tracing, 'receiving'>;
}

const FRESH = { doubt: null, group: null, released: false, thresholdHit: null, attempts: 0 };

export type Accept = (source: Source, request: RawRequest) => Promise<AcceptResult>;

/** Rejects only as the journal does: then nothing was stored, and the sender must send again. */
export function createAccept(parts: AcceptParts): Accept {
  const { rules, journal, clock, tracing = NO_TRACING } = parts;
  /** Key → until when it counts, ms since the epoch. Set by what is stored: a duplicate does not prolong it. */
  const recent = new LRUCache<string, number>({ max: RECENT_IDS });
  const turns = new WorkTurns();

  return async (source, request) => {
    const now = clock.now();
    const span = tracing.receiving(request.headers.traceparent);
    const verdict = source.verify(request, now);
    if (!verdict.ok) return { kind: 'refused', refusal: verdict.refusal };
    span.passed('verify');
    const { event, dedupe, challenge, notes } = source.read(verdict.request, now);
    if (challenge !== null) return { kind: 'challenge', challenge };

    const id = `${source.name} ${dedupe.key}`;
    if ((recent.get(id) ?? 0) > now) {
      span.end(attributesOf(event, 'duplicate'));
      return duplicate(journal, { event, dedupe, at: now });
    }
    const planned = await turns.spread(planByRoute(event, rules().config.routes, { ...rules().planning, now }));
    span.passed('plan');
    const { body, signature, decoded } = verdict.request;
    const received = { ...signature, requestId: request.requestId ?? null };
    const receipt = { event, body, dedupe, received, trace: span.trace, receivedAt: now };
    const eventSeq = await store(receipt, planned.deliveries);
    span.passed('commit');
    span.end(attributesOf(event, eventSeq === null ? 'duplicate' : 'accepted', eventSeq));
    if (eventSeq === null) return duplicate(journal, { event, dedupe, at: now });
    recent.set(id, dedupe.keepUntil);
    return { kind: 'accepted', event, eventSeq, plan: planned, notes, decoded };
  };

  /**
   * The one commit, which gives the event's number; null for a duplicate. The lanes are entered before it, in order of
   * acceptance, and go on once it is done.
   */
  async function store(
    { event, ...receipt }: Omit<NewEvent, 'event' | 'deliveries'> & { event: RelayEvent },
    planned: readonly PlannedDelivery[],
  ): Promise<number | null> {
    const entering = planned.map((delivery) => ({ delivery, reservation: enter(delivery, parts) }));
    const drop = () => {
      for (const { reservation } of entering) reservation?.dropped();
    };
    const deliveries = entering.map(({ delivery, reservation }) => ({
      ...delivery,
      state: stateOf(delivery, reservation),
    }));
    let acceptance: Acceptance;
    try {
      acceptance = await journal.accept({ ...receipt, event, deliveries });
    } catch (error) {
      drop();
      throw error;
    }
    if (acceptance.kind === 'duplicate') {
      drop();
      return null;
    }
    faultPoint('accept.before-answer');
    const { eventSeq, seqs } = acceptance;
    const { receivedAt: at, trace = null } = receipt;
    const traced = trace === null ? {} : { trace };
    const fresh = { ...FRESH, ...traced, dueAt: at, dueSetAt: at, acceptedAt: at, eventSeq, event };
    handOver(entering, { seqs, fresh }, parts);
    return eventSeq;
  }
}

/** What is held, or may not be made at all, is not sent from memory. Null: what is dead enters no lane. */
function enter(
  { lane, route, heldUntil, threshold, dead }: PlannedDelivery,
  { lanes, rules }: Pick<AcceptParts, 'lanes' | 'rules'>,
): Reservation | null {
  if (dead !== undefined) return null;
  const atOnce = heldUntil === undefined && threshold === undefined && rules().sendsAtOnce(route);
  return atOnce ? lanes.enter(lane) : lanes.join(lane);
}

async function duplicate(journal: AcceptParts['journal'], repeat: Repeat): Promise<AcceptResult> {
  return { kind: 'duplicate', event: repeat.event, conflict: await findConflict(journal, repeat) };
}

interface Stored {
  readonly seqs: readonly (number | null)[];
  readonly fresh: Omit<QueuedDelivery, 'seq' | 'lane' | 'route' | 'target'>;
}

/** What is stored goes on in its lane; what is held, or was counted only, does not. */
function handOver(
  entering: readonly { readonly delivery: PlannedDelivery; readonly reservation: Reservation | null }[],
  { seqs, fresh }: Stored,
  { onHeld, onDead }: Pick<AcceptParts, 'onHeld' | 'onDead'>,
): void {
  for (const [index, { delivery, reservation }] of entering.entries()) {
    const seq = seqs[index];
    if (seq === undefined) throw new RangeError('The journal gave fewer numbers than it was given deliveries.');
    const { target, heldUntil } = delivery;
    if (!isMade(target) || reservation === null) {
      if (seq !== null) onDead(delivery, { ...fresh, seq });
      continue;
    }
    if (seq === null || heldUntil !== undefined) reservation.dropped();
    else reservation.stored({ ...delivery, ...fresh, target, seq });
    if (seq !== null && heldUntil !== undefined) onHeld(heldUntil);
  }
}

/** Of the span that received it. */
function attributesOf(
  { id, source, topic }: RelayEvent,
  outcome: string,
  eventSeq: number | null = null,
): SpanAttributes {
  return {
    'alo_relay.source': source,
    'alo_relay.event.id': id,
    'alo_relay.topic': topic,
    'alo_relay.outcome': outcome,
    ...(eventSeq !== null && { 'alo_relay.event.number': eventSeq }),
  };
}

function stateOf({ heldUntil }: PlannedDelivery, reservation: Reservation | null): NewDelivery['state'] {
  if (reservation === null) return 'dead';
  if (heldUntil !== undefined) return 'held';
  return reservation.claimed ? 'sending' : 'pending';
}
