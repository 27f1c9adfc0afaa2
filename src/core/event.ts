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

/** The instant that orders a subject's events, in ms since the epoch: when it happened, else when it arrived. */
export function eventTimeMs(event: Pick<RelayEvent, 'occurred_at' | 'received_at'>): number {
  const occurred = event.occurred_at === null ? Number.NaN : Date.parse(event.occurred_at);
  return Number.isNaN(occurred) ? Date.parse(event.received_at) : occurred;
}

/** `Maria Santos <maria@example.com>` */
export function personText({ name, email, id }: Person): string {
  const known = [name, email === name ? null : email].filter((handle) => handle !== null);
  const [first, second] = known;
  if (first === undefined) return id ?? 'somebody';
  return second === undefined ? first : `${first} <${second}>`;
}
