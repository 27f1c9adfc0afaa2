/** Reads an event back from its row. */
import { LRUCache } from 'lru-cache';
import { parseBody, readable } from '../core/body.ts';
import type { RelayEvent } from '../core/event.ts';
import { readEventHeader } from '../core/event-header.ts';

/** An accepted event with its number. */
export interface StoredEvent {
  readonly seq: number;
  readonly event: RelayEvent;
}

interface EventRow {
  /** JSON: the event without its payload. */
  readonly envelope: string;
  readonly body: Uint8Array;
}

/** As the body was read when it was accepted: U+FFFD for what is not UTF-8. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function eventOf({ envelope, body }: EventRow): RelayEvent {
  return { ...readEventHeader(envelope), payload: readable(parseBody(UTF8.decode(body)), body.length) };
}

/** An event as its deliveries need it. */
export interface TracedEvent {
  readonly event: RelayEvent;
  /** The `traceparent` of its trace. */
  readonly trace: string | null;
}

const MOST_EVENTS = 512;
/** Bytes of their JSON; in memory they take a few times that. */
const MOST_BYTES = 4 * 1024 * 1024;

interface Cached extends TracedEvent {
  readonly bytes: number;
}

/**
 * Events that deliveries wait for, or were read for. One event may owe a hundred, each in a lane of its own: it is parsed
 * once, and all of them share it. A stored event never changes.
 */
export class EventCache {
  readonly #events = new LRUCache<number, Cached>({
    max: MOST_EVENTS,
    maxSize: MOST_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });

  get(seq: number): TracedEvent | undefined {
    return this.#events.get(seq);
  }

  /** `bytes`: about as many as its JSON takes. */
  put(seq: number, { event, trace }: TracedEvent, bytes: number): void {
    this.#events.set(seq, { event, trace, bytes: bytes + 1 });
  }
}
