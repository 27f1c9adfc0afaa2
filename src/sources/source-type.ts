/**
 * Defines what a source type is: all that the relay knows of one kind of sender.
 *
 * A record says how its requests are signed, what its secrets look like, where the event's fields stand in its payloads,
 * what it sends as samples, and what `init` writes for it. A request passes through it in this order: `schemes` read the
 * headers before the body is there and check the body afterwards, `unwrap` gives the JSON, `handshake` may answer instead of
 * an event, `topicPlaces` find the topic, and `placesByTopic` or `places` the other fields; `composed` goes before any place.
 * Nothing outside a record asks for a type by its name:
 * a new type is one record and one line in `registry.ts`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { PlainObject } from './coerce.ts';
import type { Scheme } from './signature.ts';

export interface SourceType {
  /** As people call the sender. */
  readonly product: string;
  /** What it sends, in a few words: for the schema and for `init`. */
  readonly sends: string;

  /** Why a secret cannot be used, and what to do; null when it can. Never repeats any of it. */
  secretFault(secret: string): string | null;
  /** False for a key that only verifies. */
  canSign(secret: string): boolean;
  /**
   * How requests are verified with these secrets, each without fault. Schemes are tried in order, and the first refusal is
   * the one that the sender hears. A scheme names the secret that signed by its place among `secrets`, from 1.
   */
  schemes(secrets: readonly string[]): readonly Scheme[];
  /** Which headers a request without any signature needs: a sentence. */
  readonly headersNeeded: string;
  /** The headers that the sender puts on a body, `content-type` included; with a secret that can sign. */
  sign(message: OutgoingMessage): Record<string, string>;

  /** The JSON in a body that the sender wraps in another form; a body without such is given back as it is. */
  unwrap?(body: Buffer, headers: IncomingHttpHeaders): Buffer;
  /** The challenge to answer with, where a payload is no event but asks whether the address is right. */
  handshake?(payload: PlainObject): string | null;

  /** Where the topic is. */
  readonly topicPlaces: Pick<Places, 'topic'>;
  /** Names that its documentation uses for a topic that is read as another. */
  readonly topicAliases?: Readonly<Record<string, string>>;
  /** Whether it sends topics beyond those of its samples. */
  readonly openTopics?: true;
  /**
   * Where the fields are in events whose topic begins so (lower case, `.` for `_`); the first that fits. A gateway passes on
   * what other products sent: types with such a table share all of them. A type without one is read by `places` alone.
   */
  readonly placesByTopic?: readonly (readonly [start: string, places: Places])[];
  /** Where the fields are in all other events. */
  readonly places: Places;

  /** Fields whose value is made of several places. Asked before the places of the field. */
  readonly composed?: Readonly<Partial<Record<EventField, Composed>>>;

  /** Every topic of the sender, in the order in which they tell a story: built with the same index, they belong together. */
  readonly samples: readonly Sample[];
  /** What `init` writes for it; without it, `init` does not offer the type. */
  readonly starter?: Starter;
}

export interface OutgoingMessage {
  readonly secret: string;
  readonly body: string;
  /** The same over all attempts. */
  readonly messageId: string;
  /** When this attempt is made, in ms since the epoch. */
  readonly nowMs: number;
}

export const EVENT_FIELDS = [
  'subject',
  'topic',
  'occurred_at',
  'actor',
  'action_id',
  'action_title',
  'action_description',
  'action_status',
  'action_priority',
  'action_type',
  'action_team',
  'action_due_at',
  'action_url',
  'assignees_current',
  'assignees_added',
  'assignees_removed',
  'message_text',
  'message_author',
] as const;

/** The fields that `fields:` may place. */
export type EventField = (typeof EVENT_FIELDS)[number];

export function isEventField(name: string): name is EventField {
  return EVENT_FIELDS.some((field) => field === name);
}

/** From these, `assignees.added` and `removed` are worked out where no place names them. */
export type HelpField = 'assignees_before' | 'assignees_after' | 'assignee_named';

/** For each field of the event the places to look, best first. A place is a path of keys; `due_date` also finds `dueDate`. */
export type Places = Readonly<Partial<Record<EventField | HelpField, readonly string[]>>>;

export interface Composed {
  /** What it is made of, for people. */
  readonly from: string;
  /** `eventName`: what a header calls the event, where one does. Anything that the field cannot hold counts as nothing. */
  value(payload: PlainObject, eventName: string | null): unknown;
}

export interface Variation {
  /** From 0: which story. The same index is the same story under every topic. */
  readonly index: number;
  /** When it happens, in ms since the epoch. */
  readonly nowMs: number;
}

/** One kind of payload that a sender posts. */
export interface Sample {
  readonly topic: string;
  /** A body as an object. The same variation always gives the same body. */
  build(variation: Variation): Readonly<Record<string, unknown>>;
}

/** The type's part of the files that `init` writes: YAML, indented as it stands there. */
export interface Starter {
  /** Whether it is chosen where nobody says which. */
  readonly byDefault: boolean;
  /** The shipped templates that its routes use, by name. */
  readonly templates: readonly string[];
  /** Templates for this type alone, by name. */
  readonly ownTemplates?: Readonly<Record<string, string>>;
  /** Comments below the source's secrets. */
  readonly hints: string;
  /** `channel`: as YAML writes it. `quiet`: a line of a route, which is empty without quiet hours. */
  routes(channel: string, quiet: string): string;
  /** `atNight`: there are quiet hours, and so cases about them. */
  cases(channel: string, atNight: boolean): string;
}
