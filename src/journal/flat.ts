/** Between what the journal speaks of and the flat data that a store keeps. */
import { parseBody, readable } from '../core/body.ts';
import type { Doubt, NoTarget, PlannedDelivery, Storm, Target } from '../core/delivery.ts';
import { readEnvelope, writeEnvelope } from '../core/envelope.ts';
import type { RelayEvent } from '../core/event.ts';
import type { Reason } from '../core/outcome.ts';
import type {
  Card,
  CardKey,
  EnteringDelivery,
  Postponement,
  QueuedDelivery,
  Receipt,
  Settlement,
  WaitingDelivery,
} from './journal.ts';
import { writeReception } from './reception.ts';
import type { DeliveryRecord } from './records.ts';
import type { CardRow, DeliveryRow, EventRow, RecordRow, WaitingRow } from './rows.ts';
import type { AttemptEntry, CardEntry, Delay, DeliveryEntry, Ending, Entry, PlannedEntry } from './store.ts';

export function entryOf({ event, body, dedupe, deliveries, receivedAt, reports = [], ...rest }: Receipt): Entry {
  const { id, source, topic, subject } = event;
  return {
    id,
    source,
    topic,
    subject,
    envelope: writeEnvelope(event),
    body,
    key: dedupe.key,
    keepUntil: dedupe.keepUntil,
    alsoKey: dedupe.also?.key ?? null,
    alsoKeepUntil: dedupe.also?.keepUntil ?? null,
    receivedAt,
    receipt: writeReception(dedupe, rest.received),
    trace: rest.trace ?? null,
    deliveries: deliveries.map(deliveryEntryOf),
    reports,
  };
}

export interface SeenKey extends Pick<Entry, 'source' | 'key' | 'keepUntil' | 'receivedAt'> {}

/** The keys by which an event may have come before. */
export function keysOf({ source, key, keepUntil, alsoKey, alsoKeepUntil, receivedAt }: Entry): readonly SeenKey[] {
  const first = { source, key, keepUntil, receivedAt };
  return alsoKey === null || alsoKeepUntil === null
    ? [first]
    : [first, { ...first, key: alsoKey, keepUntil: alsoKeepUntil }];
}

function deliveryEntryOf(delivery: EnteringDelivery): DeliveryEntry {
  const { state, threshold = null } = delivery;
  const planned = plannedEntryOf(delivery);
  return { ...planned, state, heldUntil: state === 'held' ? planned.heldUntil : null, threshold };
}

/** As a replay plans it: at the end of its lane, held, or dead. */
export function plannedEntryOf({ lane, route, target, dead, ...planned }: PlannedDelivery): PlannedEntry {
  const heldUntil = planned.heldUntil ?? null;
  const state = dead !== undefined ? 'dead' : heldUntil === null ? 'pending' : 'held';
  const reason = { reasonCode: dead?.code ?? null, reason: dead?.detail ?? null };
  return { lane, route, target: JSON.stringify(target), state, heldUntil, ...reason };
}

/** As the body was read when it was accepted: U+FFFD for what is not UTF-8. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function eventOf({ envelope, body }: Pick<EventRow, 'envelope' | 'body'>): RelayEvent {
  return { ...readEnvelope(envelope), payload: readable(parseBody(UTF8.decode(body)), body.length) };
}

export function queuedOf(row: DeliveryRow, event: RelayEvent): QueuedDelivery {
  const { seq, lane, route, attempts } = row;
  return {
    seq,
    lane,
    route,
    target: targetOf(row),
    doubt: doubtOf(row),
    group: groupOf(row),
    released: row.released === 1,
    storm: stormOf(row),
    attempts,
    dueAt: row.due_at,
    dueSetAt: row.due_set_at,
    acceptedAt: row.accepted_at,
    eventSeq: row.event_seq,
    event,
    ...(row.trace !== null && { trace: row.trace }),
  };
}

export function waitingOf(row: WaitingRow): WaitingDelivery {
  const { seq, event_seq, route, source, subject } = row;
  return {
    seq,
    eventSeq: event_seq,
    route,
    target: targetOf(row),
    group: groupOf(row),
    released: row.released === 1,
    dueAt: row.due_at,
    dueSetAt: row.due_set_at,
    inDoubt: mayStand(row),
    source,
    subject,
    occurredAt: row.occurred_at,
    hasCard: row.card_seq !== null,
  };
}

/** Whether an unfinished delivery may stand in Slack. */
function mayStand({ state, doubt_since }: Pick<DeliveryRow, 'state' | 'doubt_since'>): boolean {
  return state === 'sending' || doubt_since !== null;
}

function groupOf(row: Pick<DeliveryRow, 'state' | 'doubt_since' | 'group_seq'>): number | null {
  return mayStand(row) ? row.group_seq : null;
}

function stormOf({ storm_count, storm_since }: DeliveryRow): Storm | null {
  return storm_count === null || storm_since === null ? null : { count: storm_count, since: storm_since };
}

/** What was being sent when the process ended is in doubt, and the looks at an earlier attempt say nothing of it. */
function doubtOf({ state, attempted_at, accepted_at, doubt_since, looks }: DeliveryRow): Doubt | null {
  const until = attempted_at ?? accepted_at;
  if (state === 'sending') return { since: doubt_since ?? until, until, looks: 0 };
  return doubt_since === null ? null : { since: doubt_since, until, looks };
}

export function recordOf(row: RecordRow): DeliveryRecord {
  const { seq, lane, route, state, attempts, reason_code, reason, channel, ts } = row;
  const { id, source, topic, subject } = row;
  return {
    seq,
    eventSeq: row.event_seq,
    lane,
    route,
    target: recordedTargetOf(row),
    state,
    attempts,
    acceptedAt: row.accepted_at,
    updatedAt: row.updated_at,
    dueAt: row.due_at,
    inDoubt: isInDoubt(row),
    reason: reason_code === null ? null : { code: reason_code, detail: reason ?? '' },
    placement: channel === null || ts === null ? null : { channel, ts },
    group: row.group_seq,
    replay: row.replay === 1,
    replayedAs: row.replayed_as,
    dismissal: row.dismissal === null ? null : { by: row.dismissed_by, reason: row.dismissal },
    event: { id, source, topic, subject, received_at: new Date(row.received_at).toISOString() },
  };
}

/** What is being sent is not in doubt before the process ends or the call does. */
function isInDoubt({ state, doubt_since }: RecordRow): boolean {
  if (state === 'sent' || state === 'merged' || state === 'superseded') return false;
  return state === 'parked' || doubt_since !== null;
}

/** Of what is to be sent; see recordedTargetOf. */
function targetOf({ target }: { readonly target: string }): Target {
  const read: Target = JSON.parse(target);
  return read;
}

function recordedTargetOf({ target }: { readonly target: string }): Target | NoTarget {
  const read: Target | NoTarget = JSON.parse(target);
  return read;
}

export function endingOf(settlement: Settlement): Ending {
  const { seq, state, at, reason, placement, card, channel, unreported, ms } = settlement;
  return {
    seq,
    state,
    at,
    reasonCode: reason?.code ?? null,
    reason: reason?.detail ?? null,
    channel: placement?.channel ?? null,
    ts: placement?.ts ?? null,
    reported: unreported === true ? 2 : 0,
    card:
      card === undefined ? null : card.card === null ? { ...card.key, ts: null } : cardEntryOf(card.key, card.card, at),
    learnt: channel ?? null,
    attempt: ms === undefined ? null : attemptEntryOf({ seq, at, ms, reason }, state),
  };
}

export function delayOf({ seq, attempts, at, dueAt, reason, doubt, group, ms }: Postponement): Delay {
  return {
    seq,
    attempts,
    at,
    dueAt,
    doubtSince: doubt?.since ?? null,
    looks: doubt?.looks ?? 0,
    group,
    reasonCode: reason.code,
    reason: reason.detail,
    attempt: attemptEntryOf({ seq, at, ms, reason }, 'retry'),
  };
}

/** Slack's answers are a few words; what a template's author wrote may be longer. */
const LONGEST_DETAIL = 300;

interface Tried extends Pick<Settlement, 'seq' | 'at'> {
  readonly reason: Reason | undefined;
  readonly ms: number | undefined;
}

function attemptEntryOf({ seq, at, ms, reason }: Tried, outcome: AttemptEntry['outcome']): AttemptEntry {
  const detail = reason?.detail.slice(0, LONGEST_DETAIL) ?? null;
  return { seq, at, ms: ms === undefined ? null : Math.round(ms), outcome, code: reason?.code ?? null, detail };
}

export function cardOf({ channel_id, ts, shown_at, shown_seq }: CardRow): Card {
  const shows = shown_at === null || shown_seq === null ? null : { occurredAt: shown_at, eventSeq: shown_seq };
  return { placement: { channel: channel_id, ts }, shows };
}

export function cardEntryOf({ source, subject, channel }: CardKey, { placement, shows }: Card, at: number): CardEntry {
  return {
    source,
    subject,
    channel,
    channel_id: placement.channel,
    ts: placement.ts,
    shown_at: shows?.occurredAt ?? null,
    shown_seq: shows?.eventSeq ?? null,
    used_at: at,
  };
}
