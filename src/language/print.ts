/** How values look in text. */
import type { Person } from '../core/event.ts';
import { writeJson } from '../core/json.ts';

/** Nothing for null; people by name; lists with commas; anything else as JSON, never as `[object Object]`. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return listed(value, toText);
  if (typeof value !== 'object') return String(value);
  const text = Object.hasOwn(value, 'kind') ? personName(personOf(value)) : null;
  return text ?? printed(value);
}

/** What `print` makes of each, without those it makes nothing of. */
export function listed(values: readonly unknown[], print: (value: unknown) => string): string {
  return values
    .map(print)
    .filter((text) => text !== '')
    .join(', ');
}

/** The person that an object of an event or a payload describes; null where it describes none. */
export function personOf(value: unknown): Person | null {
  if (typeof value !== 'object' || value === null) return null;
  const field = (key: string): string | null => {
    const held: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : null;
    if (typeof held === 'number' || typeof held === 'bigint') return String(held);
    return typeof held === 'string' && held.trim() !== '' ? held : null;
  };
  return { id: field('id'), name: field('name'), email: field('email'), kind: field('kind') };
}

/** Null for nobody. The empty text for somebody of whom nothing is known. */
export function personName(person: Person | null): string | null {
  return person === null ? null : (person.name ?? person.email ?? person.id ?? '');
}

/** Data as JSON; Liquid's own objects as the value they stand for. */
function printed(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const held: unknown = value.valueOf();
    return held === value ? '' : toText(held);
  }
  try {
    return writeJson(value);
  } catch {
    return '';
  }
}
