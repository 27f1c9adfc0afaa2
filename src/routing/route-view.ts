/** Which routes take an event and what they make of it, as `explain --json` and the admin listener tell it. */
import type { Person } from '../core/event.ts';
import type { Block } from '../core/message.ts';

export interface MessageView {
  /** All of it as one reads it, without markup. */
  readonly plain: string;
  /** mrkdwn. */
  readonly text: string;
  readonly summary: string;
  readonly blocks: readonly Block[] | null;
  /** Of the bar beside the blocks, as Slack takes it. */
  readonly color: string | null;
  /** Opens the message in Slack's Block Kit Builder. */
  readonly builder_url: string;
}

/** `missing` says why there is no value. */
interface ValueView {
  readonly value: unknown;
  readonly missing: string | null;
}

/** The part of a condition that decided, and what it looked at. */
export interface DecisionView extends ValueView {
  readonly part: string;
  readonly looked_at: readonly (ValueView & { readonly field: string })[];
}

/** What a route would owe, its target's keys included (`verb`, `channel`, `template`, …). */
export interface PlannedView {
  readonly verb: string;
  /** What it does: `card in #alo-actions`. */
  readonly words: string;
  readonly channel?: string | undefined;
  readonly template?: string | undefined;
  /** Of what goes to a person. */
  readonly to?: Person | undefined;
  readonly slack_user: string | null;
  readonly held_until: string | null;
  readonly at_least: { readonly count: number; readonly within_ms: number } | null;
  readonly message: MessageView | null;
  readonly thread_root: MessageView | null;
  /** Why it would end as dead. */
  readonly fault: string | null;
  readonly remarks: readonly string[];
}

export interface RouteView {
  readonly name: string;
  readonly taken: boolean;
  /** `taken`, `condition`, `undecided`, `other_source`, `other_topic`, `already_taken`, `stopped` */
  readonly why: string;
  /** The same in a sentence. */
  readonly detail: string;
  /** The route that took it first, or ended the reading. */
  readonly by: string | null;
  readonly decided: DecisionView | null;
  readonly quiet_until: string | null;
  readonly urgent: DecisionView | null;
  /** It is quiet, and what the route sends is urgent. */
  readonly passes_quiet_hours: boolean;
  readonly deliveries: readonly PlannedView[];
  readonly notes: readonly string[];
}
