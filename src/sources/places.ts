/**
 * Places compiled: the objects on the way are looked up once a payload, however many fields look into them, and places
 * below an object that is not there cost nothing.
 */
import { type Coerce, firstOf, isPlainObject, own, type PlainObject } from './coerce.ts';
import { PLACES_BY_TOPIC } from './registry.ts';
import type { EventField, HelpField, Places, SourceType } from './source-type.ts';

interface Step {
  /** The number of the object it is read from. Object 0 is the payload. */
  readonly object: number;
  readonly key: string;
}

/** Places that stand next to each other in the table and look into the same object. */
interface Look {
  readonly object: number;
  readonly keys: string[];
}

export interface CompiledPlaces {
  /** How object 1, 2, … is reached, each from an earlier one. */
  readonly objects: readonly Step[];
  readonly fields: ReadonlyMap<EventField | HelpField, readonly Look[]>;
}

/** One payload, with its objects looked up. */
export class Finder {
  readonly #places: CompiledPlaces;
  readonly #objects: (PlainObject | null)[];

  constructor(places: CompiledPlaces, payload: unknown) {
    const { objects } = places;
    this.#places = places;
    this.#objects = [isPlainObject(payload) ? payload : null];
    for (const step of objects) {
      const parent = this.#objects[step.object] ?? null;
      const value = parent === null ? undefined : own(parent, step.key);
      this.#objects.push(isPlainObject(value) ? value : null);
    }
  }

  /** What the first place of the field that `coerce` can use holds. */
  find<T>(field: EventField | HelpField, coerce: Coerce<T>): T | null {
    for (const { object, keys } of this.#places.fields.get(field) ?? []) {
      const holder = this.#objects[object];
      if (holder === null || holder === undefined) continue;
      const found = firstOf(holder, keys, coerce);
      if (found !== null) return found;
    }
    return null;
  }

  /** Where `find` finds it, such as `data.action.title`; null where it does not. Slower: for people, not for events. */
  pathOf(field: EventField | HelpField, coerce: Coerce<unknown>): string | null {
    for (const { object, keys } of this.#places.fields.get(field) ?? []) {
      const holder = this.#objects[object] ?? null;
      const found = holder === null ? undefined : keys.find((name) => firstOf(holder, [name], coerce) !== null);
      if (found !== undefined) return `${this.#pathTo(object)}${found}`;
    }
    return null;
  }

  /** Ends with a dot, but for the payload itself. */
  #pathTo(object: number): string {
    const step = this.#places.objects[object - 1];
    return step === undefined ? '' : `${this.#pathTo(step.object)}${step.key}.`;
  }
}

function compilePlaces(places: Places): CompiledPlaces {
  const objects: Step[] = [];
  const numbers = new Map<string, number>([['', 0]]);
  const numberOf = (path: readonly string[]): number => {
    const name = path.join('.');
    const known = numbers.get(name);
    if (known !== undefined) return known;
    objects.push(stepTo(path));
    numbers.set(name, objects.length);
    return objects.length;
  };
  const stepTo = (path: readonly string[]): Step => ({ object: numberOf(path.slice(0, -1)), key: path.at(-1) ?? '' });
  const fields = new Map<EventField | HelpField, readonly Look[]>();
  for (const field of Object.keys(places)) {
    if (!isField(places, field)) continue;
    const steps = (places[field] ?? []).flatMap(spellings).map((path) => stepTo(path.split('.')));
    fields.set(field, grouped(steps));
  }
  return { objects, fields };
}

function grouped(steps: readonly Step[]): Look[] {
  const looks: Look[] = [];
  for (const { object, key } of steps) {
    const last = looks.at(-1);
    if (last?.object === object) last.keys.push(key);
    else looks.push({ object, keys: [key] });
  }
  return looks;
}

function isField(places: Places, name: string): name is EventField | HelpField {
  return name in places;
}

/** `due_date`, and `dueDate`. */
function spellings(path: string): string[] {
  const camel = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return camel === path ? [path] : [path, camel];
}

/** Each is compiled when the first payload asks for it: a service has a source or two, of all the types. */
const COMPILED = new Map<Places, CompiledPlaces>();

function compiled(places: Places): CompiledPlaces {
  const known = COMPILED.get(places);
  if (known !== undefined) return known;
  const made = compilePlaces(places);
  COMPILED.set(places, made);
  return made;
}

/** Where an event's topic is. */
export function topicPlaces({ topicPlaces: places }: SourceType): CompiledPlaces {
  return compiled(places);
}

/** Where the other fields of an event are. */
export function placesFor({ places, placesByTopic }: SourceType, topic: string): CompiledPlaces {
  if (placesByTopic === undefined) return compiled(places);
  const name = topic.toLowerCase().replaceAll('_', '.');
  const ofTopic = PLACES_BY_TOPIC.find(([start]) => name.startsWith(start));
  return compiled(ofTopic === undefined ? places : ofTopic[1]);
}
