/**
 * What a verb of a route is: one record per verb, in a file of its own, which is all that the rest of the program knows
 * of it. A route's step is the verb's `keys` and an address, `channel` or `to`. When an event comes, routing/ renders the
 * address and stores the step as a target: `{ verb, …keys, channel | to }`, plain JSON. A lane hands that target to
 * `deliver`. `role` says how it goes together with what else waits in the lane. `words` and `scopes` are what explain,
 * the dashboard, doctor and the manifest say about it. A new verb is a record in the list of verbs.ts.
 */
import type { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Doubt, Target } from '../core/delivery.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import type { Failure } from '../core/outcome.ts';
import type { Completion, Journal } from '../journal/contract.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import type { People } from '../slack/people.ts';
import type { ChannelIds } from './channel-ids.ts';
import type { Posted, PostOnce } from './post-once.ts';
import type { About, Render } from './render.ts';

/**
 * What it is in Slack, which says what may be merged. `message`: one of its own. `card`: the subject's card. `thread`: in
 * that card's thread; both are messages of their own where the event has no subject. `mark`: on the card, without a text.
 */
export type Role = 'message' | 'card' | 'thread' | 'mark';

/** A scope of the Slack app without which the verb cannot do its work. */
export interface VerbScope {
  readonly scope: string;
  /** Optional: the person who installs the app may decline it. */
  readonly optional: boolean;
  readonly use: string;
}

/** The methods take the verb's own target: what they are given was planned by the same record. */
export interface Verb {
  readonly name: string;
  /** Whom it goes to: `channel` (Liquid) or `to` (CEL, one target for each person). */
  readonly address: 'channel' | 'people';
  /** Its steps as a route has them: one or several objects of its keys. */
  readonly steps: z.ZodType<readonly WrittenStep[] | undefined>;
  /** Which of its keys name templates. */
  readonly templates: readonly string[];
  readonly role: Role;
  readonly scopes: readonly VerbScope[];
  /** `card in #alo-actions` */
  words(target: Target): string;
  deliver(target: Target, work: Work, parts: DeliverParts): Promise<Delivered>;
  /** What a mark does with its card: `to pin`. */
  readonly doing?: string;
  /** What a digest says of it, mrkdwn; without it, the summary of its message. */
  line?(target: Target, event: RelayEvent): string;
}

/** A step as it is written: an address, and the verb's own keys. */
export interface WrittenStep {
  readonly channel?: string;
  readonly to?: string;
  readonly [key: string]: unknown;
}

/** A target that goes to a channel, or to a person, with the verb's own keys. */
export type ToChannel<Keys = object> = Keys & { readonly verb: string; readonly channel: string };
export type ToPerson<Keys = object> = Keys & { readonly verb: string; readonly to: Person };

export interface DeliverParts {
  readonly gateway: Pick<SlackGateway, 'update' | 'mark' | 'openDm'>;
  readonly postOnce: PostOnce;
  readonly channels: Pick<ChannelIds, 'learn'>;
  readonly people: Pick<People, 'resolve'>;
  readonly journal: Pick<Journal, 'card' | 'saveCard'>;
  readonly render: (template: string, about: About) => ReturnType<Render>;
  readonly clock: Pick<Clock, 'now'>;
}

/** A delivery as its verb sees it. */
export interface Work extends About {
  readonly eventSeq: number;
  readonly doubt: Doubt | null;
  /** The delivery's id as its message carries it. */
  readonly id: string;
}

/** How it ends. */
export type Ending = Omit<Completion, 'seq' | 'at'>;

/** A delivery ends (with what it left in Slack), is to be looked for again, or fails in a way that the lane decides about. */
export type Delivered =
  | { readonly kind: 'ended'; readonly ending: Ending }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | Extract<Posted, { kind: 'unseen' }>;

export function ended(ending: Ending): Delivered {
  return { kind: 'ended', ending };
}

export function failed(failure: Failure): Delivered {
  return { kind: 'failed', failure };
}
