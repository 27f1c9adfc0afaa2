/** What the journal tells whoever looks: searches, events whole, attempts, what waits. Times are ms since the epoch. */
import type { DeliveryState } from '../core/delivery.ts';
import type { Reason } from '../core/outcome.ts';
import type { StoredEvent } from './records.ts';

/** How an event was received and verified. */
export interface Reception {
  readonly scheme: string;
  /** Which of the source's secrets, from 1. */
  readonly secret: number;
  /** How many it had. */
  readonly of: number;
  /** As the signature says. */
  readonly signedAt: number | null;
  readonly requestId: string | null;
}

/** Which events. All conditions given must hold. */
export interface EventSearch {
  readonly source?: string | undefined;
  /** `*` stands for any run of characters, as in a route's `on`. */
  readonly topic?: string | undefined;
  readonly subject?: string | undefined;
  /** With a delivery in this state; with `channel`, the same delivery. */
  readonly state?: DeliveryState | undefined;
  /** With a delivery there: a channel as a route names it, its id, or the id of a DM's reader. */
  readonly channel?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** In the id, the subject, or the beginning of the body; the case of ASCII letters does not matter. */
  readonly text?: string | undefined;
  /** Only events before this one: newest first. */
  readonly before?: number | undefined;
  readonly limit: number;
  /** Events looked at in this call. */
  readonly look: number;
}

export interface FoundEvent {
  readonly seq: number;
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly receivedAt: number;
  /** How many deliveries are in which state. */
  readonly states: Partial<Record<DeliveryState, number>>;
}

export interface FoundEvents {
  /** Newest first. */
  readonly events: readonly FoundEvent[];
  /** What to give as `before` to go on; null at the end. */
  readonly next: number | null;
  /** When the last event that was looked at was received; null where none was. */
  readonly lookedUntil: number | null;
}

/** An event with all that is known of how it came in. */
export interface InspectedEvent extends StoredEvent {
  /** As it is kept. */
  readonly body: Uint8Array;
  readonly receivedAt: number;
  /** Null for the relay's own events, and what was accepted before it was kept. */
  readonly received: Reception | null;
  readonly dedupe: { readonly key: string; readonly keepUntil: number } | null;
  /** Its `traceparent`. */
  readonly trace: string | null;
  /** How often it came again with another body, and when it last did; null: never. */
  readonly conflicts: { readonly count: number; readonly lastAt: number } | null;
}

/** An attempt that did not end its delivery at once, or one that came after such. */
export interface KeptAttempt {
  readonly deliverySeq: number;
  /** When it ended. */
  readonly at: number;
  readonly ms: number | null;
  readonly outcome: DeliveryState | 'retry';
  readonly reason: Reason | null;
}

/** What is unfinished, by lane. */
export interface Backlog {
  /** How many lanes there are of it. */
  readonly lanes: number;
  /** Unfinished deliveries, held ones included. */
  readonly deliveries: number;
  /** When the oldest of them was accepted. */
  readonly oldestAt: number | null;
  /** The same of those that no quiet hours hold back. */
  readonly oldestPendingAt: number | null;
  readonly byState: Readonly<Record<'pending' | 'sending' | 'held', number>>;
  /** What did not arrive, and was neither replayed nor dismissed. */
  readonly failed: Readonly<Record<'dead' | 'parked', number>>;
  /** Those asked for, longest waiting first. */
  readonly longest: readonly WaitingLane[];
}

interface WaitingLane {
  readonly lane: string;
  readonly waiting: number;
  readonly held: number;
  readonly inDoubt: number;
  readonly oldestAt: number;
  /** Of the first delivery that no quiet hours hold back; where they hold all, of the first one. */
  readonly dueAt: number;
  readonly attempts: number;
  readonly reason: Reason | null;
  /** The first that quiet hours hold back: its route, and until when (ms since the epoch). */
  readonly firstHeld: { readonly route: string; readonly until: number } | null;
}
