/** The header of an event (all but its payload), and how it is stored: the payload is kept apart, as the raw body. */
import { ABSENT_MESSAGE, action, chatMessage, isAbsent, person } from './absent.ts';
import type { Action, Assignees, ChatMessage, Person, RelayEvent } from './event.ts';

export type EventHeader = Omit<RelayEvent, 'payload'>;

/** A header as it is stored: what is absent is left out. */
type StoredEventHeader = Omit<EventHeader, 'actor' | 'action' | 'assignees' | 'message'> & {
  readonly actor?: Person | undefined;
  readonly action?: Action | undefined;
  readonly assignees?: Assignees | undefined;
  readonly message?: ChatMessage | undefined;
};

/** A header as JSON; a payload is left out. */
export function writeEventHeader(header: EventHeader & { readonly payload?: unknown }): string {
  const { actor, action, assignees, message } = header;
  const { current, added, removed } = assignees;
  const stored: StoredEventHeader & { readonly payload: undefined } = {
    ...header,
    payload: undefined,
    actor: isAbsent(actor) ? undefined : actor,
    action: isAbsent(action) ? undefined : action,
    assignees: current.length + added.length + removed.length === 0 ? undefined : assignees,
    message: isAbsent(message) ? undefined : message,
  };
  return JSON.stringify(stored);
}

/** The header that `writeEventHeader` wrote, with its ABSENT objects back. */
export function readEventHeader(json: string): EventHeader {
  const stored: StoredEventHeader = JSON.parse(json);
  const { message } = stored;
  return {
    ...stored,
    actor: person(stored.actor ?? {}),
    action: action(stored.action ?? {}),
    assignees: stored.assignees ?? { current: [], added: [], removed: [] },
    message: message === undefined ? ABSENT_MESSAGE : chatMessage(message.text, person(message.author)),
  };
}
