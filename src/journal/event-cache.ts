/**
 * Events that were read for their deliveries. One event may owe a hundred, each in a lane of its own: it is parsed once,
 * and all of them share it. An event never changes once it is stored.
 */
import { LRUCache } from 'lru-cache';
import type { RelayEvent } from '../core/event.ts';
import { eventOf } from './flat.ts';
import type { DeliveryRow } from './rows.ts';

const MOST_EVENTS = 64;
/** What their JSON takes; in memory they are a few times that. */
const MOST_BYTES = 2 * 1024 * 1024;

interface Cached {
  readonly event: RelayEvent;
  readonly bytes: number;
}

export class EventCache {
  readonly #events = new LRUCache<number, Cached>({
    max: MOST_EVENTS,
    maxSize: MOST_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });

  of(row: Pick<DeliveryRow, 'event_seq' | 'envelope' | 'body'>): RelayEvent {
    const known = this.#events.get(row.event_seq);
    if (known !== undefined) return known.event;
    const event = eventOf(row);
    this.#events.set(row.event_seq, { event, bytes: 1 + row.envelope.length + row.body.length });
    return event;
  }
}
