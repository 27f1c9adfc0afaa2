/**
 * What the payload lacks altogether: objects whose fields are all null, and which conditions find equal to null. One of
 * a kind, so that they are recognised by identity.
 */
import type { Action, ChatMessage, Person } from './event.ts';

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
