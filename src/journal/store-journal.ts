/** The journal over a store: what is plain text in the database becomes events, targets and cards here, and back. */
import { parseBody } from '../core/body.ts';
import type { Target } from '../core/delivery.ts';
import { readEnvelope, writeEnvelope } from '../core/envelope.ts';
import type {
  Acceptance,
  Card,
  CardKey,
  EnteringDelivery,
  Journal,
  Postponement,
  QueuedDelivery,
  Receipt,
  Settlement,
  Tally,
} from './journal.ts';
import type { CardEntry, DeliveryEntry, DeliveryRow, Ending, Entry, Store } from './store.ts';

export class StoreJournal implements Journal {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async accept(receipt: Receipt): Promise<Acceptance> {
    const row = await this.#store.call('accept', entryOf(receipt));
    return row === null ? { kind: 'duplicate' } : { kind: 'accepted', ...row };
  }

  async lanesWithWork(): Promise<string[]> {
    return [...(await this.#store.call('lanesWithWork', null))];
  }

  async next(lane: string, limit: number): Promise<QueuedDelivery[]> {
    const rows = await this.#store.call('next', { lane, limit });
    return rows.map(queuedOf);
  }

  async markSending(seq: number, at: number): Promise<void> {
    await this.#store.call('markSending', { seq, at });
  }

  async settle(settlement: Settlement): Promise<void> {
    await this.#store.call('settle', endingOf(settlement));
  }

  async postpone({ seq, attempts, dueAt, reason }: Postponement): Promise<void> {
    await this.#store.call('postpone', { seq, attempts, dueAt, reasonCode: reason.code, reason: reason.detail });
  }

  async card(key: CardKey): Promise<Card | null> {
    const { source, subject, channel } = key;
    const row = await this.#store.call('card', { source, subject, channel });
    if (row === null) return null;
    const { channel_id, ts, shown_at, shown_seq } = row;
    const shows = shown_at === null || shown_seq === null ? null : { occurredAt: shown_at, eventSeq: shown_seq };
    return { placement: { channel: channel_id, ts }, shows };
  }

  async saveCard(key: CardKey, card: Card): Promise<void> {
    await this.#store.call('saveCard', cardEntryOf(key, card));
  }

  async tally(): Promise<Tally> {
    const tally = { pending: 0, sending: 0, sent: 0, superseded: 0, dead: 0 };
    for (const { state, count } of await this.#store.call('tally', null)) tally[state] = count;
    return tally;
  }

  async probe(): Promise<void> {
    await this.#store.call('probe', null);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

function entryOf({ event, body, dedupe, deliveries, receivedAt }: Receipt): Entry {
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
    receivedAt,
    deliveries: deliveries.map(deliveryEntryOf),
  };
}

function deliveryEntryOf({ lane, route, target, state }: EnteringDelivery): DeliveryEntry {
  return { lane, route, target: JSON.stringify(target), state };
}

function queuedOf(row: DeliveryRow): QueuedDelivery {
  const { seq, lane, route, state, attempts } = row;
  const target: Target = JSON.parse(row.target);
  return {
    seq,
    lane,
    route,
    target,
    state,
    attempts,
    dueAt: row.due_at,
    acceptedAt: row.accepted_at,
    eventSeq: row.event_seq,
    event: { ...readEnvelope(row.envelope), payload: parseBody(UTF8.decode(row.body)) },
  };
}

/** As the body was read when it was accepted: U+FFFD for what is not UTF-8. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

function endingOf({ seq, state, at, reason, placement, card }: Settlement): Ending {
  return {
    seq,
    state,
    at,
    reasonCode: reason?.code ?? null,
    reason: reason?.detail ?? null,
    channel: placement?.channel ?? null,
    ts: placement?.ts ?? null,
    card: card === undefined ? null : cardEntryOf(card.key, card.card),
  };
}

function cardEntryOf({ source, subject, channel }: CardKey, { placement, shows }: Card): CardEntry {
  return {
    source,
    subject,
    channel,
    channel_id: placement.channel,
    ts: placement.ts,
    shown_at: shows?.occurredAt ?? null,
    shown_seq: shows?.eventSeq ?? null,
  };
}
