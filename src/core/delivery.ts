/**
 * A delivery: one message (or update, or reaction) that one route owes one Slack conversation for one event.
 *
 *   pending ──► sending ──► sent
 *      ▲           ├──────► superseded   (the card already shows something newer)
 *      │           ├──────► dead         (refused, or given up; with its reason)
 *      └───────────┘ retry: rate limited, transient, unknown outcome
 *
 * `held`, `merged` and `parked` are part of the vocabulary and belong to parts that are not built yet.
 */
import type { Person } from './event.ts';

export type DeliveryState = 'pending' | 'sending' | 'sent' | 'superseded' | 'dead';

/** What a route asks for, with everything known when the event is accepted. Plain JSON: it is journaled. */
export type Target =
  | { readonly verb: 'card'; readonly channel: string; readonly template: string }
  | {
      readonly verb: 'reply';
      readonly channel: string;
      readonly template: string;
      /** Posted first, as the thread's parent, where the subject has no card yet. */
      readonly root: string;
      readonly broadcast: boolean;
    }
  | { readonly verb: 'post'; readonly channel: string; readonly template: string }
  | { readonly verb: 'dm'; readonly to: Person; readonly template: string }
  | { readonly verb: 'react'; readonly channel: string; readonly emoji: string };

export interface PlannedDelivery {
  /** The Slack conversation it goes to: deliveries of one lane are sent strictly in order. */
  readonly lane: string;
  readonly route: string;
  readonly target: Target;
}

/** Where a message is in Slack. */
export interface Placement {
  /** The channel's id (`C…`, `D…`), never its name: updates and reactions need the id. */
  readonly channel: string;
  readonly ts: string;
}
