/**
 * The event: what every sender's payload becomes, and what templates and conditions see.
 *
 * Every key always exists. What the payload lacks is null; a person or group of fields the payload lacks
 * altogether is one of the ABSENT objects, whose fields are null and which conditions find equal to null.
 * Names are snake_case because users write them in YAML.
 */
export interface Person {
  readonly id: string | null;
  readonly name: string | null;
  readonly email: string | null;
  /** What the sender calls the kind of actor: `user`, `bot`, `system`, … */
  readonly kind: string | null;
}

export interface Action {
  readonly id: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly status: string | null;
  readonly priority: string | null;
  readonly type: string | null;
  readonly team: string | null;
  readonly due_at: string | null;
  readonly url: string | null;
}

export interface Assignees {
  readonly current: readonly Person[];
  readonly added: readonly Person[];
  readonly removed: readonly Person[];
}

export interface ChatMessage {
  readonly text: string | null;
  readonly author: Person;
}

export interface RelayEvent {
  /** The sender's message id where it gives one, else made here. Unique within a source only. */
  readonly id: string;
  /** The name of the source in the config. */
  readonly source: string;
  readonly topic: string;
  /** ISO 8601, as the sender says; null when it does not. */
  readonly occurred_at: string | null;
  /** ISO 8601, UTC. */
  readonly received_at: string;
  /** What a card and its thread belong to. */
  readonly subject: string | null;
  readonly actor: Person;
  readonly action: Action;
  readonly assignees: Assignees;
  readonly message: ChatMessage;
  /** The parsed body; the body's text where it is not JSON. */
  readonly payload: unknown;
}

/** The event without its payload: the payload is kept apart, as the raw body. */
export type Envelope = Omit<RelayEvent, 'payload'>;

export const ABSENT_PERSON: Person = Object.freeze({ id: null, name: null, email: null, kind: null });

export const ABSENT_ACTION: Action = Object.freeze({
  id: null,
  title: null,
  description: null,
  status: null,
  priority: null,
  type: null,
  team: null,
  due_at: null,
  url: null,
});

export const ABSENT_MESSAGE: ChatMessage = Object.freeze({ text: null, author: ABSENT_PERSON });

const ABSENT: ReadonlySet<unknown> = new Set([ABSENT_PERSON, ABSENT_ACTION, ABSENT_MESSAGE]);

/** True for null, undefined and the ABSENT objects. */
export function isAbsent(value: unknown): boolean {
  return value === null || value === undefined || ABSENT.has(value);
}

/** The person, or ABSENT_PERSON when nothing is known of them. */
export function person(fields: Partial<Person>): Person {
  const { id = null, name = null, email = null, kind = null } = fields;
  return id === null && name === null && email === null && kind === null ? ABSENT_PERSON : { id, name, email, kind };
}

/** The action, or ABSENT_ACTION when every field is null. */
export function action(fields: Partial<Action>): Action {
  const whole = { ...ABSENT_ACTION, ...fields };
  return Object.values(whole).every((value) => value === null) ? ABSENT_ACTION : whole;
}

/** The message, or ABSENT_MESSAGE when it has neither text nor author. */
export function chatMessage(text: string | null, author: Person): ChatMessage {
  return text === null && author === ABSENT_PERSON ? ABSENT_MESSAGE : { text, author };
}

/** An envelope as it is stored: what is absent is left out. */
type StoredEnvelope = Omit<Envelope, 'actor' | 'action' | 'assignees' | 'message'> & {
  readonly actor?: Person | undefined;
  readonly action?: Action | undefined;
  readonly assignees?: Assignees | undefined;
  readonly message?: ChatMessage | undefined;
};

/** An envelope as JSON. */
export function writeEnvelope(envelope: Envelope): string {
  const { actor, action, assignees, message } = envelope;
  const { current, added, removed } = assignees;
  const stored: StoredEnvelope = {
    ...envelope,
    actor: isAbsent(actor) ? undefined : actor,
    action: isAbsent(action) ? undefined : action,
    assignees: current.length + added.length + removed.length === 0 ? undefined : assignees,
    message: isAbsent(message) ? undefined : message,
  };
  return JSON.stringify(stored);
}

/** The envelope that `writeEnvelope` wrote, with its ABSENT objects back. */
export function readEnvelope(json: string): Envelope {
  const stored: StoredEnvelope = JSON.parse(json);
  const { message } = stored;
  return {
    ...stored,
    actor: person(stored.actor ?? {}),
    action: action(stored.action ?? {}),
    assignees: stored.assignees ?? { current: [], added: [], removed: [] },
    message: message === undefined ? ABSENT_MESSAGE : chatMessage(message.text, person(message.author)),
  };
}

/** The instant that orders a subject's events, in ms since the epoch: when it happened, else when it arrived. */
export function eventTimeMs(event: Pick<RelayEvent, 'occurred_at' | 'received_at'>): number {
  const occurred = event.occurred_at === null ? Number.NaN : Date.parse(event.occurred_at);
  return Number.isNaN(occurred) ? Date.parse(event.received_at) : occurred;
}
