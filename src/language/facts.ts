/**
 * What a reader looks for first in a payload of unknown shape: what it is about, then the values that say most, each under
 * the name of its key. An object with a name of its own is told by it; one without is looked into. For messages and
 * guesses only. Never throws; looks at no more than `MOST_PARTS` objects, and `MOST_KEYS` keys of each.
 */
import { readInstant } from '../core/instant.ts';
import * as names from './key-names.ts';

export interface Fact {
  /** The key in words: `Total price`. */
  readonly label: string;
  /** On one line. */
  readonly value: string;
  /** The page of what the payload is about, beside its title. */
  readonly url: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** An object of the payload, and the way to it. */
interface Part {
  readonly path: readonly (string | number)[];
  readonly fields: Fields;
  readonly parent: Part | null;
}

const MOST_PARTS = 300;
const MOST_KEYS = 100;
const LONGEST_KEY = 100;
const DEEPEST = 6;
const MOST_FACTS = 10;
const LONGEST = 300;
const MOST_LISTED = 5;

/** What it is about first. */
export function payloadFacts(payload: unknown): Fact[] {
  const parts = partsOf(payload);
  const main = mainOf(parts);
  const headline = main === null ? null : headlineOf(main);
  const title = headline === null || main === null ? [] : [{ ...headline.fact, url: pageOf(main) }];
  const found = main === null ? parts : [...upFrom(main), ...parts.filter((part) => isAside(part, main))];
  const seen = new Set(title.map(({ value }) => value));
  const facts: Fact[] = [];
  for (const part of found) {
    for (const fact of saidBy(part, part === main ? (headline?.key ?? null) : null, upFrom(main))) {
      if (seen.has(fact.value)) continue;
      seen.add(fact.value);
      facts.push(fact);
    }
  }
  return [...title, ...facts].slice(0, MOST_FACTS);
}

/** Where in the payload what it is about is; null where nothing looks like it. */
export function mainPath(payload: unknown): readonly (string | number)[] | null {
  return mainOf(partsOf(payload))?.path ?? null;
}

function partsOf(payload: unknown): Part[] {
  const parts: Part[] = [];
  const add = (value: unknown, path: Part['path'], parent: Part | null): void => {
    if (Array.isArray(value)) {
      if (typeof value[0] === 'object') add(value[0], [...path, 0], parent);
    } else if (isFields(value) && path.length <= DEEPEST && parts.length < MOST_PARTS) {
      parts.push({ path, fields: value, parent });
    }
  };
  add(payload, [], null);
  for (let next = 0; next < parts.length; next++) {
    const part = parts[next];
    if (part === undefined) break;
    for (const key of keysOf(part.fields)) add(part.fields[key], [...part.path, key], part);
  }
  return parts;
}

function mainOf(parts: readonly Part[]): Part | null {
  const scored = parts.map((part) => ({ part, score: scoreOf(part) })).toSorted((a, b) => b.score - a.score);
  const [best] = scored;
  return best !== undefined && best.score > 0 ? best.part : null;
}

/** How likely a part is what the payload is about: by its title, its depth, and whether it has an id and a state. */
function scoreOf(part: Part): number {
  const { path, fields } = part;
  const headline = headlineOf(part);
  const keys = keysOf(fields);
  const own = headline === null ? 30 : 100 - 10 * names.HEADLINES.indexOf(headline.key);
  const id = keys.some((key) => /^(?:id|uuid|number|key)$/.test(key)) ? 20 : 0;
  const state = keys.some((key) => names.rankOf(key) < 2) ? 20 : 0;
  const listed = path.filter((step) => typeof step === 'number').length * 30;
  const surrounding = path.some((step) => typeof step === 'string' && names.isSurrounding(step)) ? 60 : 0;
  return own + id + state - 8 * path.length - listed - surrounding;
}

function headlineOf({ fields }: Part): { readonly key: string; readonly fact: Fact } | null {
  for (const key of names.HEADLINES) {
    const value = Object.hasOwn(fields, key) && typeof fields[key] === 'string' ? textOf(key, fields[key]) : null;
    if (value !== null) return { key, fact: factOf(key, value) };
  }
  return null;
}

function pageOf({ fields }: Part): string | null {
  for (const key of names.PAGES) {
    const value = Object.hasOwn(fields, key) ? fields[key] : null;
    if (typeof value === 'string' && /^https?:\/\//.test(value)) return value;
  }
  return null;
}

/** The part, and what it is in, outwards. */
function upFrom(part: Part | null): Part[] {
  return part === null ? [] : [part, ...upFrom(part.parent)];
}

/** A part without a name, in one that is told: it is looked into, too. */
function isAside(part: Part, main: Part): boolean {
  const told = upFrom(main);
  if (told.includes(part) || part.parent === null) return false;
  const step = part.path.findLast((one) => typeof one === 'string') ?? '';
  if (nameOf(part.fields) !== null || names.isSurrounding(step)) return false;
  return told.includes(part.parent) || isAside(part.parent, main);
}

/** What the part's own keys say, most telling first. */
function saidBy(part: Part, titleKey: string | null, told: readonly Part[]): Fact[] {
  const inside = new Set(told.map(({ fields }) => fields));
  return keysOf(part.fields)
    .filter((key) => key !== titleKey && !(part.parent === null && names.isTopicKey(key)))
    .flatMap((key) => {
      const value = part.fields[key];
      if (isFields(value) && inside.has(value)) return [];
      const text = textOf(key, value);
      return text === null ? [] : [{ rank: names.rankOf(key), fact: factOf(key, text) }];
    })
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ fact }) => fact);
}

function factOf(key: string, value: string): Fact {
  const label = names.wordsOf(key).join(' ').slice(0, 40).toWellFormed();
  return { label: label.charAt(0).toUpperCase() + label.slice(1), value, url: null };
}

/** Null for what says nothing to a reader: empty, an address, an id, a time, something encoded. */
function textOf(key: string, value: unknown): string | null {
  if (names.wordsOf(key).length === 0 || names.isNoiseKey(key)) return null;
  if (Array.isArray(value)) return listOf(key, value);
  if (isFields(value)) return nameOf(value);
  if (value === true) return 'yes';
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (names.rankOf(key) === names.UNRANKED && (Number(value) === 0 || readInstant(value) !== null)) return null;
    return String(value);
  }
  if (typeof value !== 'string') return null;
  const line = value
    .slice(0, 2 * LONGEST)
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (line === '' || /^https?:\/\/\S*$/.test(line) || isOpaque(line)) return null;
  if (/^\d{4}-\d\d-\d\d/.test(line) && !/due|deadline|expir/i.test(key)) return null;
  // A time that means "none", such as Go's 0001-01-01T00:00:00Z.
  if (/^\d{4}-\d\d-\d\d(?:[Tt ]\d\S*)?$/.test(line) && readInstant(line) === null) return null;
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).toWellFormed()}…` : line.toWellFormed();
}

function listOf(key: string, items: readonly unknown[]): string | null {
  const texts = items
    .slice(0, MOST_LISTED)
    .map((item) => (Array.isArray(item) ? null : textOf(key, item)))
    .filter((text) => text !== null);
  if (texts.length === 0) return null;
  const more = items.length - MOST_LISTED;
  return `${texts.join(', ').slice(0, LONGEST).toWellFormed()}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What the object is called by itself. */
function nameOf(fields: Fields): string | null {
  for (const key of names.NAMES) {
    const value = Object.hasOwn(fields, key) ? fields[key] : null;
    const text = typeof value === 'string' ? textOf(key, value) : null;
    if (text !== null) return text;
  }
  return null;
}

/** A hash, an id, base64: long and with digits in it, or an id with its kind before it (`ch_3MmlLrLkdIwHu7ix`). */
function isOpaque(text: string): boolean {
  return /^(?=\S*\d)[\w+/=-]{20,}$/.test(text) || /^[a-z]{2,8}_(?=\w*\d)\w{6,}$/.test(text);
}

function keysOf(fields: Fields): string[] {
  return Object.keys(fields)
    .slice(0, MOST_KEYS)
    .filter((key) => key.length <= LONGEST_KEY);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
