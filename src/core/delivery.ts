/**
 * A delivery: one message (or update, or reaction) that one route owes one Slack conversation for one event.
 *
 *   held ──► pending ──► sending ──► sent
 *              ▲           ├──────► merged       (it went out in a message with others)
 *              │           ├──────► superseded   (the card already shows something newer)
 *              │           ├──────► dead         (refused, or given up; with its reason)
 *              │           ├──────► parked       (it may be in Slack or not: an operator decides)
 *              │           │          dead, parked ──► dismissed   (an operator's word, with a reason)
 *              └───────────┘ retry: rate limited, transient, or in doubt (see Doubt)
 *
 * `held`: quiet hours hold it back until an instant.
 */
import type { Person } from './event.ts';
import type { Reason } from './outcome.ts';

export const DELIVERY_STATES = [
  'held',
  'pending',
  'sending',
  'sent',
  'merged',
  'superseded',
  'dead',
  'parked',
  'dismissed',
] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** The states in which a delivery did not arrive, and waits for an operator. */
export const FAILED_STATES = ['dead', 'parked'] as const satisfies readonly DeliveryState[];

/** What an operator said when a delivery was dismissed. */
export interface Dismissal {
  /** Who, as they named themselves; null where they did not. */
  readonly by: string | null;
  readonly reason: string;
}

/**
 * A message may stand in Slack without our knowing: the process died, or the answer got lost, after the call had
 * begun. Before it is sent again, it is looked for.
 */
export interface Doubt {
  /** ms since the epoch: when the first attempt of unknown outcome began. */
  readonly since: number;
  /** ms since the epoch: when the last one began. */
  readonly until: number;
  /** How often it has been looked for since. */
  readonly lookups: number;
}

/**
 * What a route asks of a verb, with everything known when the event is accepted. Plain JSON: it is journaled. It goes to
 * a channel or to a person; `template` is the message's, if it sends one. The other keys are the verb's own.
 */
export type Target = {
  readonly verb: string;
  readonly template?: string;
  readonly [key: string]: unknown;
} & ({ readonly channel: string; readonly to?: undefined } | { readonly to: Person; readonly channel?: undefined });

/** Of a delivery that stands for what a route did not make (PlannedDelivery.dead). */
export interface NoTarget {
  readonly verb: 'none';
  readonly channel?: undefined;
  readonly to?: undefined;
  readonly template?: undefined;
}

export function isMade(target: Target | NoTarget): target is Target {
  return target.verb !== 'none';
}

/** Where it goes, as people call it: a channel as its route names it, or a person. Null where nothing was made. */
export function destinationOf({ channel, to }: Target | NoTarget): string | null {
  return channel ?? to?.name ?? to?.email ?? to?.id ?? null;
}

export interface PlannedDelivery {
  /** The Slack conversation it goes to: deliveries of one lane are sent strictly in order. */
  readonly lane: string;
  readonly route: string;
  readonly target: Target | NoTarget;
  /** ms since the epoch: quiet hours hold it back until then. */
  readonly heldUntil?: number;
  /** Why it is dead from the start: its route asks for too much. It has no target. */
  readonly dead?: Reason;
  /** It is counted, and made only when the count is reached. */
  readonly threshold?: Threshold;
}

/** So many within a sliding window, counted apart for each key; then not again before the window has calmed down. */
export interface Threshold {
  readonly key: string;
  readonly count: number;
  readonly withinMs: number;
}

/** What a threshold counted when it was reached. */
export interface ThresholdHit {
  readonly count: number;
  /** ms since the epoch: the first of them. */
  readonly since: number;
}

/** Where a message is in Slack. */
export interface Placement {
  /** The channel's id (`C…`, `D…`), never its name: updates and reactions need the id. */
  readonly channel: string;
  readonly ts: string;
}
