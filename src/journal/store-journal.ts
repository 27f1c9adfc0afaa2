/** The journal over a store: what is plain text in the database becomes events, targets and cards here, and back. */
import type { JournalError } from './errors.ts';
import { cardEntryOf, cardOf, endingOf, entryOf, eventOf, plannedEntryOf, queuedOf, recordOf } from './flat.ts';
import type {
  Acceptance,
  Card,
  CardKey,
  DeliveryQuery,
  DeliveryRecord,
  EventQuery,
  Journal,
  Postponement,
  PruneCursor,
  PruneRequest,
  QueuedDelivery,
  Receipt,
  Refusals,
  Replay,
  Settlement,
  StoredEvent,
  Tally,
} from './journal.ts';
import type { Store } from './store.ts';

export class StoreJournal implements Journal {
  readonly lost: Promise<JournalError>;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.lost = store.lost;
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

  async postpone({ seq, attempts, at, dueAt, reason, doubt }: Postponement): Promise<void> {
    await this.#store.call('postpone', {
      seq,
      attempts,
      at,
      dueAt,
      doubtSince: doubt?.since ?? null,
      looks: doubt?.looks ?? 0,
      reasonCode: reason.code,
      reason: reason.detail,
    });
  }

  async events(query: EventQuery): Promise<StoredEvent[]> {
    const rows = await this.#store.call('events', query);
    return rows.map((row) => ({ seq: row.seq, event: eventOf(row) }));
  }

  async deliveries(query: DeliveryQuery): Promise<DeliveryRecord[]> {
    const rows = await this.#store.call('deliveries', query);
    return rows.map(recordOf);
  }

  replay({ eventSeq, at, deliveries, replaces }: Replay): Promise<readonly number[] | null> {
    return this.#store.call('replay', { eventSeq, at, deliveries: deliveries.map(plannedEntryOf), replaces });
  }

  async refusals({ since, limit }: { readonly since: number; readonly limit: number }): Promise<Refusals[]> {
    return [...(await this.#store.call('refusals', { since, limit }))];
  }

  channelId(name: string): Promise<string | null> {
    return this.#store.call('channelId', { name });
  }

  prune(request: PruneRequest): Promise<{ readonly removed: number; readonly next: PruneCursor | null }> {
    return this.#store.call('prune', request);
  }

  async card(key: CardKey): Promise<Card | null> {
    const { source, subject, channel } = key;
    const row = await this.#store.call('card', { source, subject, channel });
    return row === null ? null : cardOf(row);
  }

  async saveCard(key: CardKey, card: Card, at: number): Promise<void> {
    await this.#store.call('saveCard', cardEntryOf(key, card, at));
  }

  async tally(): Promise<Tally> {
    const tally = { pending: 0, sending: 0, sent: 0, superseded: 0, dead: 0, parked: 0 };
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
