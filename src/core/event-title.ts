/** What an event is about, in one line, wherever events and deliveries are listed. Plain text: no markup is read from it. */
import type { RelayEvent } from './event.ts';

const LONGEST = 120;
/** Of a text, before its white space is joined. */
const LOOKED_AT = 4 * LONGEST;

const TITLES = ['title', 'name', 'subject'];
const PEOPLE = ['person', 'contact', 'customer', 'tag'];
const TEXTS = ['from_name', 'from_number', 'to_name', 'to_number', 'content', 'text', 'message', 'summary'];

/**
 * The action's title or the message's text; else what the payload calls the thing or the person it is about, whatever
 * its source. At most 120 UTF-16 units. Null where nothing of that is known.
 */
export function eventTitle({
  action,
  message,
  payload,
}: Pick<RelayEvent, 'action' | 'message' | 'payload'>): string | null {
  const title = line(action.title) ?? line(message.text);
  if (title !== null) return title;
  return first([field(payload, 'data'), field(payload, 'payload'), payload], titleIn);
}

/** What an event says happened, by its topic: `action_status_updated` is `status updated`. */
export function topicWords(topic: string): string {
  const words = topic.replaceAll(/[._\s]+/g, ' ').trim();
  return words === '' ? 'no topic' : words.replace(/^action (?=\S)/i, '');
}

function titleIn(holder: unknown): string | null {
  return (
    first(TITLES, (key) => (key === 'name' ? nameOf(holder) : line(field(holder, key)))) ??
    first(PEOPLE, (key) => nameOf(field(holder, key))) ??
    first(TEXTS, (key) => line(field(holder, key)))
  );
}

function nameOf(holder: unknown): string | null {
  const names = ['name', 'last_name'].flatMap((key) => line(field(holder, key)) ?? []);
  return names.length === 0 ? null : line(names.join(' '));
}

function first<T>(given: readonly T[], read: (one: T) => string | null): string | null {
  for (const one of given) {
    const found = read(one);
    if (found !== null) return found;
  }
  return null;
}

function field(holder: unknown, key: string): unknown {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, key)) return null;
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** On one line, and cut where it is long; null where nothing is left. */
function line(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const joined = text.slice(0, LOOKED_AT).replace(/\s+/g, ' ').trim();
  if (joined === '') return null;
  if (joined.length <= LONGEST) return joined;
  // Half of a surrogate pair would be left.
  const kept = joined.slice(0, LONGEST - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept.trimEnd()}…`;
}
