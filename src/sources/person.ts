/** People as payloads name them. */

import { ABSENT_PERSON, person as makePerson } from '../core/absent.ts';
import type { Person } from '../core/event.ts';
import { type Coerce, firstOf, isPlainObject, key, own, type PlainObject, text } from './coerce.ts';

const IDS = ['id', 'user_id', 'userId', 'person_id', 'uid'] as const;
const NAMES = ['full_name', 'fullName', 'display_name', 'displayName'] as const;
const FIRST_NAMES = ['first_name', 'firstName', 'name', 'username', 'login'] as const;
const LAST_NAMES = ['last_name', 'lastName'] as const;
const EMAILS = ['email', 'email_address', 'emailAddress', 'mail', 'user_email'] as const;
const KINDS = ['kind', 'type', 'actor_type'] as const;
const BOT_FLAGS = ['is_bot', 'isBot', 'bot'] as const;
const WRAPPERS = ['user', 'person', 'assignee', 'member'] as const;

/** An id, an e-mail address, a name (it has a space), or an object with any of them, perhaps one level down (`{"user": {…}}`). */
export const person: Coerce<Person> = (value) => {
  if (!isPlainObject(value)) return personNamed(key(value));
  const found = personIn(value);
  if (found !== null && (found.id ?? found.email ?? found.name) !== null) return found;
  for (const wrapper of WRAPPERS) {
    const inner = own(value, wrapper);
    if (isPlainObject(inner)) return personIn(inner);
  }
  return found;
};

function personNamed(name: string | null): Person | null {
  if (name === null) return null;
  if (name.includes('@')) return makePerson({ email: name });
  return /\p{L}\s/u.test(name) ? makePerson({ name }) : makePerson({ id: name });
}

function personIn(object: PlainObject): Person | null {
  const found = makePerson({
    id: firstOf(object, IDS, key),
    name: nameIn(object),
    email: firstOf(object, EMAILS, key),
    kind: kindIn(object),
  });
  return found === ABSENT_PERSON ? null : found;
}

/** Allo puts the first name into `name`, beside `last_name`; others the whole. */
function nameIn(object: PlainObject): string | null {
  const whole = firstOf(object, NAMES, text);
  if (whole !== null) return whole;
  const first = firstOf(object, FIRST_NAMES, text);
  const last = firstOf(object, LAST_NAMES, text);
  if (first === null || last === null || first.endsWith(last)) return first ?? last;
  return `${first} ${last}`;
}

function kindIn(object: PlainObject): string | null {
  if (BOT_FLAGS.some((flag) => own(object, flag) === true)) return 'bot';
  const kind = firstOf(object, KINDS, key);
  return kind !== null && /^bot$/i.test(kind) ? 'bot' : kind;
}

/** A list of people, or one. An empty list is an answer; a list of things that are not people is none. */
export const people: Coerce<readonly Person[]> = (value) => {
  if (!Array.isArray(value)) {
    const one = person(value);
    return one === null ? null : [one];
  }
  const found = value.map(person).filter((one) => one !== null);
  return found.length === 0 && value.length > 0 ? null : found;
};
