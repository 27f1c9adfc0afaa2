/** An event without its payload, and how it is stored: the payload is kept apart, as the raw body. */
import { ABSENT_MESSAGE, action, chatMessage, isAbsent, person } from './absent.ts';
import type { Action, Assignees, ChatMessage, Person, RelayEvent } from './event.ts';

export type Envelope = Omit<RelayEvent, 'payload'>;

/** An envelope as it is stored: what is absent is left out. */
type StoredEnvelope = Omit<Envelope, 'actor' | 'action' | 'assignees' | 'message'> & {
  readonly actor?: Person | undefined;
  readonly action?: Action | undefined;
  readonly assignees?: Assignees | undefined;
  readonly message?: ChatMessage | undefined;
};

/** An envelope as JSON; a payload is left out. */
export function writeEnvelope(envelope: Envelope & { readonly payload?: unknown }): string {
  const { actor, action, assignees, message } = envelope;
  const { current, added, removed } = assignees;
  const stored: StoredEnvelope & { readonly payload: undefined } = {
    ...envelope,
    payload: undefined,
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
