/**
 * The sample events that the page can send to the relay, and the relay's status. The caller that runs both passes them
 * in: the sandbox knows neither the relay nor what its senders say and sign.
 */
import { z } from 'zod';

const source = z.string().min(1).max(200);
const story = z.int().min(0).max(1_000_000);

export const sendOrderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('one'), source, topic: z.string().min(1).max(200), story }),
  /** Every topic of the source once (but for old names), in the order in which they tell it. */
  z.strictObject({ kind: z.literal('story'), source, story }),
  /** BURST_EVENTS at once, each about something else. */
  z.strictObject({ kind: z.literal('burst'), source }),
  /** The last one again, byte by byte, as senders do that missed the answer. */
  z.strictObject({ kind: z.literal('duplicate') }),
  /** What happened first comes last. */
  z.strictObject({ kind: z.literal('out_of_order'), source, story }),
]);

export type SendOrder = z.output<typeof sendOrderSchema>;

export const BURST_EVENTS = 200;

export interface SendResult {
  /** The last topic that was sent. */
  readonly topic: string | null;
  readonly sent: number;
  /** Of those, how many were answered 2xx. */
  readonly accepted: number;
  /** How long the slowest answer took, in ms. */
  readonly slowestMs: number;
  /** What the first that was not accepted was answered, for people; null where all were. */
  readonly trouble: string | null;
}

export interface SampleSource {
  /** As in the relay's config. */
  readonly name: string;
  /** In the order in which they tell a story. */
  readonly topics: readonly string[];
  /** What older versions of the sender call some of them. */
  readonly oldTopics: readonly string[];
  /** What each story is about. */
  readonly stories: readonly string[];
  /** Whether it has topics about one subject, of which the older may come last. */
  readonly reorders: boolean;
}

/** How many deliveries are in which state. */
export interface RelayStatus {
  /** Pending and being sent. */
  readonly waiting: number;
  /** Until quiet hours end. */
  readonly held: number;
  readonly sent: number;
  /** Sent within a message with others. */
  readonly merged: number;
  /** Card updates that a newer one made needless. */
  readonly superseded: number;
  readonly dead: number;
  readonly parked: number;
  /** Dead or parked, until an operator decided that they need not arrive. */
  readonly dismissed: number;
}

/** What the page is told of it. */
export interface SampleEventsView {
  readonly sources: readonly SampleSource[];
  /** Where the relay shows its own view of things; null for nowhere. */
  readonly dashboard: string | null;
}

export interface SampleEvents extends SampleEventsView {
  /** Null where it cannot be said. Never rejects. */
  status(): Promise<RelayStatus | null>;
  /** Resolves once everything is answered. Rejects with an error for people where the order makes no sense. */
  send(order: SendOrder): Promise<SendResult>;
}
