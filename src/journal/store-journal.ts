/** The journal over a store: what is plain text in the database becomes events, targets and cards here, and back. */
import type { Cluster } from './cluster.ts';
import type { JournalError } from './errors.ts';
import { EventCache } from './event-cache.ts';
import {
  cardEntryOf,
  cardOf,
  delayOf,
  endingOf,
  entryOf,
  eventOf,
  plannedEntryOf,
  queuedOf,
  recordOf,
  waitingOf,
} from './flat.ts';
import { backlogOf, foundEventsOf, inspectedOf, keptAttemptOf } from './flat-inspection.ts';
import type { Backlog, EventSearch, FoundEvents, InspectedEvent, KeptAttempt } from './inspection.ts';
import type {
  Acceptance,
  Card,
  CardKey,
  Journal,
  Postponement,
  QueuedDelivery,
  Receipt,
  Settlement,
  Tally,
  WaitingDelivery,
} from './journal.ts';
import { channelOf } from './lane-names.ts';
import type {
  DeliveryQuery,
  DeliveryRecord,
  DismissRequest,
  EventQuery,
  PruneCursor,
  PruneRequest,
  Refusals,
  Replay,
  StoredEvent,
} from './records.ts';
import type { TallyRows } from './rows.ts';
import type { Store } from './store.ts';

export class StoreJournal implements Journal {
  readonly lost: Promise<JournalError>;
  readonly cluster: Cluster | null;
  readonly #store: Store;
  readonly #events = new EventCache();

  constructor(store: Store, cluster: Cluster | null = null) {
    this.#store = store;
    this.cluster = cluster;
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
    return rows.map((row) => queuedOf(row, this.#events.of(row)));
  }

  async waiting(lane: string, limit: number): Promise<WaitingDelivery[]> {
    const rows = await this.#store.call('waiting', { lane, channel: channelOf(lane), limit });
    return rows.map(waitingOf);
  }

  async load(seqs: readonly number[]): Promise<QueuedDelivery[]> {
    const rows = await this.#store.call('load', { seqs });
    return rows.map((row) => queuedOf(row, this.#events.of(row)));
  }

  async markSending(seqs: readonly number[], at: number, group?: number): Promise<void> {
    await this.#store.call('markSending', { seqs, at, group: group ?? null });
  }

  async settle(...settlements: Settlement[]): Promise<void> {
    await this.#store.call('settle', settlements.map(endingOf));
  }

  async postpone(...postponements: Postponement[]): Promise<void> {
    await this.#store.call('postpone', postponements.map(delayOf));
  }

  async hold(seq: number, until: number, at: number): Promise<void> {
    await this.#store.call('hold', { seq, until, at });
  }

  release(now: number): Promise<{ readonly lanes: readonly string[]; readonly nextAt: number | null }> {
    return this.#store.call('release', { now });
  }

  async events(query: EventQuery): Promise<StoredEvent[]> {
    const rows = await this.#store.call('events', query);
    return rows.map((row) => ({ seq: row.seq, event: eventOf(row) }));
  }

  noteConflict(seq: number, at: number): Promise<number | null> {
    return this.#store.call('conflict', { seq, at });
  }

  async deliveries(query: DeliveryQuery): Promise<DeliveryRecord[]> {
    const rows = await this.#store.call('deliveries', query);
    return rows.map(recordOf);
  }

  replay({ eventSeq, at, deliveries, replaces }: Replay): Promise<readonly number[] | null> {
    return this.#store.call('replay', { eventSeq, at, deliveries: deliveries.map(plannedEntryOf), replaces });
  }

  dismiss({ seqs, at, by, reason }: DismissRequest): Promise<readonly number[]> {
    return this.#store.call('dismiss', { seqs, at, by, reason });
  }

  async refusals({ since, limit }: { readonly since: number; readonly limit: number }): Promise<Refusals[]> {
    return [...(await this.#store.call('refusals', { since, limit }))];
  }

  channelId(name: string): Promise<string | null> {
    return this.#store.call('channelId', { name });
  }

  async person(email: string, now: number): Promise<string | null | undefined> {
    const row = await this.#store.call('person', { email, now });
    return row?.user_id;
  }

  async savePerson(email: string, userId: string | null, until: number): Promise<void> {
    await this.#store.call('savePerson', { email, userId, until });
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

  async search(query: EventSearch): Promise<FoundEvents> {
    return foundEventsOf(await this.#store.call('search', query), query);
  }

  async inspect(seq: number): Promise<InspectedEvent | null> {
    const row = await this.#store.call('inspect', { seq });
    return row === null ? null : inspectedOf(row);
  }

  async attempts(seqs: readonly number[]): Promise<KeptAttempt[]> {
    const rows = await this.#store.call('attempts', { seqs });
    return rows.map(keptAttemptOf);
  }

  async backlog(limit: number): Promise<Backlog> {
    return backlogOf(await this.#store.call('backlog', { limit }));
  }

  async tally(): Promise<Tally> {
    const tally = {
      held: 0,
      pending: 0,
      sending: 0,
      sent: 0,
      merged: 0,
      superseded: 0,
      dead: 0,
      parked: 0,
      dismissed: 0,
    };
    // Piece by piece, so that commits get their turn. Each delivery is counted once, as it is at that moment.
    for (let after: number | null = 0; after !== null; ) {
      const { rows, next }: TallyRows = await this.#store.call('tally', { after });
      for (const { state, count } of rows) tally[state] += count;
      after = next;
    }
    return tally;
  }

  async probe(room = 0): Promise<void> {
    const { taken } = await this.#store.call('probe', { step: 'take', room });
    if (taken) await this.#store.call('probe', { step: 'give back', room });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
