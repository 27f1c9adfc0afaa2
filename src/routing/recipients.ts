/** Whom `dm.to` names. Pure. */
import { person as makePerson } from '../core/absent.ts';
import type { Person } from '../core/event.ts';
import type { WorkBudget } from '../language/work.ts';

interface Choice {
  /** So many at most. */
  readonly room: number;
  readonly personKey: (person: Person) => string;
  readonly work: WorkBudget;
}

/**
 * The first `room` of the people that a value gives, each once, by their keys; `more`: how many others there are. A
 * payload may name thousands: those beyond leave nothing but their keys.
 *
 * @throws WorkLimitError
 */
export function recipients(
  value: unknown,
  { room, personKey, work }: Choice,
): { readonly people: readonly (readonly [string, Person])[]; readonly more: number } {
  const named: readonly unknown[] = Array.isArray(value) ? value : [value];
  work.spend(named.length);
  const keys = new Set<string>();
  const people: (readonly [string, Person])[] = [];
  for (const one of named) {
    const who = personOf(one);
    const key = who === null ? null : personKey(who);
    if (who === null || key === null || keys.has(key)) continue;
    keys.add(key);
    if (people.length < room) people.push([key, who]);
  }
  return { people, more: keys.size - people.length };
}

/** A person object, an e-mail address or an id; null for anything else. */
function personOf(value: unknown): Person | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    const written = String(value).trim();
    if (written === '') return null;
    return makePerson(written.includes('@') ? { email: written } : { id: written });
  }
  if (typeof value !== 'object' || value === null) return null;
  const field = (name: string): string | null => {
    const found: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : null;
    if (typeof found === 'number' || typeof found === 'bigint') return String(found);
    return typeof found === 'string' && found !== '' ? found : null;
  };
  const who = { id: field('id'), name: field('name'), email: field('email'), kind: field('kind') };
  return who.id === null && who.email === null && who.name === null ? null : who;
}
