/**
 * Guessing, for a person to check: where in a payload a field may be that none of the usual places has, by the names of the
 * keys and the shapes of the values.
 */
import { compileExpression } from '../language/expression.ts';
import { mainPath } from '../language/facts.ts';
import { wordsOf } from '../language/key-names.ts';
import { type Coerce, isPlainObject, key, own } from './coerce.ts';
import type { Examination } from './examine.ts';
import { GUESS_RULES, type GuessRule, looksLikePerson } from './guess-rules.ts';
import type { EventField } from './source-type.ts';

export interface Guess {
  readonly field: EventField;
  /** CEL over `payload`, for `fields:`. */
  readonly expression: string;
  /** What the field then has, in an event like this one. */
  readonly value: unknown;
}

export type DedupeGuess = Pick<Guess, 'expression' | 'value'>;

/** A value in the payload, and the way to it. */
interface Spot {
  readonly path: readonly (string | number)[];
  /** The words of every key on the way; of its own key last. */
  readonly words: readonly (readonly string[])[];
  readonly value: unknown;
  readonly insidePerson: boolean;
  /** It is a key of what the payload is about. */
  readonly ofMain: boolean;
}

const MOST_SPOTS = 2_000;

/** A place is guessed for one field only; but these are often one and the same. */
const SHARED: readonly (readonly EventField[])[] = [
  ['subject', 'action_id'],
  ['actor', 'message_author'],
];

/** Elsewhere a text and its author are something else. */
const OF_MESSAGES = /message|comment|chat|note|sms|reply/i;

/** A guess for each empty field that has one. What other fields were found in is left to them. */
export function guessFields({ payload, topic, fields }: Examination): Guess[] {
  const spots = spotsIn(payload);
  const taken = new Map<string, EventField>();
  for (const { field, origin } of fields) if (origin?.kind === 'place') taken.set(`payload.${origin.path}`, field);
  const guesses: Guess[] = [];
  for (const field of fieldsToGuess(fields)) {
    if (isOfMessage(field) && !OF_MESSAGES.test(topic) && ![...taken.values()].some(isOfMessage)) continue;
    const found = best(field, spots, taken);
    if (found === null) continue;
    taken.set(found.expression, field);
    guesses.push(found);
  }
  return guesses;
}

function isOfMessage(field: EventField): boolean {
  return field.startsWith('message_');
}

/** Keys at the root of a payload that tell events apart, best first. */
const EVENT_IDS = ['event_id', 'eventId', 'delivery_id', 'deliveryId', 'message_id', 'messageId', 'id', 'uuid'];

/** For `dedupe.key`; null where the config has one, and where nothing but what the event is about has an id. */
export function guessDedupe({ payload, dedupe, fields }: Examination, guesses: readonly Guess[]): DedupeGuess | null {
  if (dedupe !== null || !isPlainObject(payload)) return null;
  const subjects = new Set([
    ...fields.map(({ origin }) => (origin?.kind === 'place' ? `payload.${origin.path}` : null)),
    ...guesses.map(({ expression }) => expression),
  ]);
  for (const name of EVENT_IDS) {
    const value = key(own(payload, name));
    if (value !== null && !subjects.has(`payload.${name}`)) return { expression: `payload.${name}`, value };
  }
  return null;
}

/** Those with the surest names choose first. */
function fieldsToGuess(fields: Examination['fields']): EventField[] {
  const empty = new Set(fields.filter((found) => found.empty && found.origin === null).map(({ field }) => field));
  return ORDER.filter((field) => empty.has(field));
}

const ORDER: readonly EventField[] = Object.keys(GUESS_RULES).filter((name): name is EventField => name in GUESS_RULES);

function best(field: EventField, spots: readonly Spot[], taken: ReadonlyMap<string, EventField>): Guess | null {
  const ranked = spots
    .map((spot) => ({ spot, score: scoreOf(spot, field, GUESS_RULES[field]) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
  for (const { spot } of ranked) {
    const expression = celPath(spot.path);
    const holder = taken.get(expression);
    if (holder !== undefined && !share(holder, field)) continue;
    if (compileExpression(expression, { vocabulary: 'payload' }).ok)
      return { field, expression, value: GUESS_RULES[field].fits(spot.value) };
  }
  return null;
}

function share(one: EventField, other: EventField): boolean {
  return SHARED.some((fields) => fields.includes(one) && fields.includes(other));
}

/** 0: it is not. */
function scoreOf({ path, words, value, insidePerson, ofMain }: Spot, field: EventField, rule: GuessRule): number {
  if (insidePerson && rule.ofPerson === undefined) return 0;
  if (rule.deepest !== undefined && path.length > rule.deepest) return 0;
  const way = words.flat();
  if (rule.never?.some((word) => way.includes(word)) === true) return 0;
  const own = words.at(-1) ?? [];
  const rank = rule.words.findIndex((word) => word.split(' ').every((part) => own.includes(part)));
  if (rank === -1 || !fits(rule.fits, value)) return 0;
  const assigning = field === 'assignees_added' || field === 'assignees_removed';
  if (assigning && !way.some((word) => word.startsWith('assign') || word === 'owner' || word === 'owners')) return 0;
  const exact = own.length === 1 ? 3 : 0;
  return 200 - 10 * rank - 4 * path.length + exact + (ofMain && rule.besideTitle === true ? 100 : 0);
}

function fits(coerce: Coerce<unknown>, value: unknown): boolean {
  return coerce(value) !== null;
}

/** Nearest to the root first. A list is one value, unless it holds a single object: then that is looked into. */
function spotsIn(payload: unknown): Spot[] {
  const main = mainPath(payload);
  const spots: Spot[] = [{ path: [], words: [], value: payload, insidePerson: false, ofMain: false }];
  for (let next = 0; next < spots.length && spots.length < MOST_SPOTS; next++) {
    const spot = spots[next];
    if (spot !== undefined) spots.push(...below(spot, main));
  }
  return spots.slice(1, MOST_SPOTS);
}

function below({ path, words, value, insidePerson }: Spot, main: ReturnType<typeof mainPath>): Spot[] {
  const ofMain = main?.join('\n') === path.join('\n');
  const inside = insidePerson || looksLikePerson(value);
  if (Array.isArray(value)) {
    const [only, ...others] = value;
    const single = others.length === 0 && isPlainObject(only);
    return single
      ? [
          {
            path: [...path, 0],
            words: [...words, words.at(-1) ?? []],
            value: only,
            insidePerson: inside,
            ofMain: false,
          },
        ]
      : [];
  }
  if (!isPlainObject(value)) return [];
  return Object.entries(value).map(([name, child]) => ({
    path: [...path, name],
    words: [...words, wordsOf(name)],
    value: child,
    insidePerson: inside,
    ofMain,
  }));
}

/** CEL's own words cannot follow a dot. */
const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
);

function celPath(path: Spot['path']): string {
  return path.reduce<string>((written, step) => {
    if (typeof step === 'number') return `${written}[${step}]`;
    const plain = /^[A-Za-z_]\w*$/.test(step) && !RESERVED.has(step);
    return plain ? `${written}.${step}` : `${written}[${JSON.stringify(step)}]`;
  }, 'payload');
}
