/** What is wrong with an expression, in the words of somebody who does not know CEL. */
import { EVENT_TYPES, type EventFields } from './event-types.ts';
import { closest } from './schema.ts';

export interface ExpressionError {
  readonly code: 'expression-syntax' | 'expression-type' | 'unknown-field' | 'bad-pattern' | 'bad-time';
  /** What is wrong, and, where it is known, what to write. */
  readonly message: string;
  /** Where in the source it is, from 0. */
  readonly offset: number;
}

/** What stands at the beginning of a path: `event`, or `payload`. */
export type Root = 'event' | 'payload';

export function explainError(error: unknown, source: string, root: Root): ExpressionError {
  if (error instanceof RangeError) return { code: 'expression-syntax', message: TOO_LONG, offset: 0 };
  const summary = summaryOf(error);
  const offset = Math.min(offsetOf(error), source.length);
  const missing = /^(No such key|Unknown variable): (\w+)/.exec(summary);
  if (missing !== null) {
    const [, what, name = ''] = missing;
    const message =
      what === 'Unknown variable' ? unknownName(name, source, root) : unknownKey(name, source.slice(0, offset));
    return { code: 'unknown-field', message, offset };
  }
  if (error instanceof Error && error.name === 'ParseError') {
    return { code: 'expression-syntax', message: syntax(summary, source, offset), offset };
  }
  return { code: 'expression-type', message: type(summary), offset };
}

/** What walks it calls itself for each part. */
const TOO_LONG = 'This expression has too many parts. Compare with a list: event.topic in ["a", "b"].';

/** Why an evaluation gives no value: one line, which shows nothing of the event. */
export function reasonOf(error: unknown, source: string): string {
  const summary = summaryOf(error);
  const [, left, operator, right] = OVERLOAD.exec(summary) ?? [];
  if (left !== undefined && operator !== undefined && right !== undefined) {
    const pair = [kind(left), kind(right)];
    return `${pair.join(` ${operator} `)} has no value${mixed(pair, operator)}`;
  }
  const [, on = '', name, taken = ''] = CALL.exec(summary) ?? [];
  if (name !== undefined) {
    const args = kinds(name === '_matches' ? taken.replace(/, int$/, '') : taken);
    return on === '' ? `${name}(…) does not take ${args}` : `${kind(on)} has no ${name.replace('_', '')}(${args})`;
  }
  if (error instanceof SyntaxError) return 'this is not valid JSON';
  const [, said = '', shown] = SHOWS.exec(summary) ?? [];
  return shown === undefined || source.includes(shown) ? summary : said;
}

const OVERLOAD = /^no such overload: (\S+) (\S+) (\S+)$/i;
/** `_matches` is how `matches` is called once it is compiled. */
const CALL = /^found no matching overload for '(?:([^(]+)\.)?(\w+)\((.*)\)'$/i;
/** What may stand behind the colon is of the event. */
const SHOWS = /^(bool\(\) conversion error|Invalid duration string|integer overflow|No such key): (?!index out)(.*)$/s;

function kinds(types: string): string {
  return types === '' ? '' : types.split(', ').map(kind).join(', ');
}

function summaryOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'summary' in error) return String(error.summary);
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function unknownName(name: string, source: string, root: Root): string {
  const there = `There is no "${name}" here.`;
  if (root === 'payload') return `${there} Begin with payload, which is the body: payload.${name}.`;
  if (Object.hasOwn(EVENT_TYPES.Event, name)) return `${there} Did you mean "event.${name}"?`;
  if (closest(name, ['event']) !== null) return `${there} Did you mean "event"?`;
  // The quotes of YAML are not part of an expression.
  const text = source.trim() === name ? `'"${name}"'` : `"${name}"`;
  return `${there} Fields begin with event, as in event.topic; text stands in quotes: ${text}.`;
}

function unknownKey(name: string, before: string): string {
  const fields = Object.keys(fieldsAt(before) ?? {});
  const all = Object.values(EVENT_TYPES).flatMap((known) => Object.keys(known));
  const near = closest(name, fields.length > 0 ? fields : [...new Set(all)]);
  const meant = near === null ? '' : ` Did you mean "${near}"?`;
  return `There is no "${name}" here.${meant}${fields.length > 0 ? ` Known here: ${fields.join(', ')}.` : ''}`;
}

/** What a path that ends here, at a dot, may go on with; null where that is not known. */
function fieldsAt(before: string): EventFields | null {
  const path = /(?<![\w.\])])event((?:\.\w+)*)\.\s*$/.exec(before)?.[1];
  let fields: EventFields | undefined = path === undefined ? undefined : EVENT_TYPES.Event;
  for (const key of path?.split('.').slice(1) ?? []) fields = EVENT_TYPES[fields?.[key] ?? ''];
  return fields ?? null;
}

const WORDS: Readonly<Record<string, string>> = {
  and: 'For "and", write &&.',
  or: 'For "or", write ||.',
  not: 'For "not", write ! before a condition in parentheses: !(…).',
  is: 'For "is", write ==.',
  contains: 'Write event.message.text.contains("…").',
  startsWith: 'Write event.topic.startsWith("…").',
  endsWith: 'Write event.topic.endsWith("…").',
  matches: 'Write event.topic.matches("…").',
};

const ADDRESS = /^[\w.+-]+@[\w.-]+$/;
const ADDRESS_HELP = 'An e-mail address is text, and text stands in quotes';

type Marks = readonly (readonly [pattern: RegExp, message: string])[];

/** The parser may point at any character of them. */
const LONG_MARKS: Marks = [
  [/^=~/, 'There is no =~: write event.topic.matches("…").'],
  [/^[=!]==/, 'There is no === and no !==: write == or !=.'],
  [/^<>/, 'There is no <>: write !=.'],
];

const MARKS: Marks = [
  [/^=/, 'One = does not compare: write ==.'],
  [/^&/, 'For "and", write &&.'],
  [/^\|/, 'For "or", write ||.'],
  [/^@/, `${ADDRESS_HELP}: '"maria@example.com"'.`],
  [/^[‘’“”„]/, 'These are not the quotation marks of a keyboard: write " or \'.'],
  [/^\)/, 'There is a ) without a ( before it.'],
  [/^["']/, 'Something is missing before this text, such as == or &&.'],
  [/^;/, 'Remove the semicolon.'],
  [/^#/, 'A channel or a color is text, and text stands in quotes.'],
];

function syntax(summary: string, source: string, offset: number): string {
  if (source.trim() === '') return 'There is no expression here.';
  if (/^\s*\{[{%]/.test(source)) return 'An expression stands here, without {{ }}: write what is between them alone.';
  if (/^Unterminated string/.test(summary)) return 'This text has no closing quotation mark.';
  const [, expected] = /^Expected (\w+), got EOF/.exec(summary) ?? [];
  if (expected === 'RPAREN') return 'There is a ( without its ).';
  if (expected === 'RBRACKET') return 'There is a [ without its ].';
  if (expected === 'COLON') return 'The other half is missing: CONDITION ? THIS : THAT.';
  if (/EOF$/.test(summary)) return 'Something is missing at the end.';
  const word = /^\w+/.exec(source.slice(offset))?.[0] ?? '';
  const before = /(\w+)\s+$/.exec(source.slice(0, offset))?.[1] ?? '';
  if (ADDRESS.test(source.trim())) return `${ADDRESS_HELP}: '"${source.trim()}"'.`;
  const said = WORDS[word] ?? (before === 'not' ? WORDS.not : undefined) ?? mark(source, offset);
  return said ?? (word === '' ? sentence(summary) : `Something is missing before "${word}", such as && or ==.`);
}

function mark(source: string, offset: number): string | undefined {
  const starts = [offset - 2, offset - 1, offset].filter((start) => start >= 0);
  const long = LONG_MARKS.find(([pattern]) => starts.some((start) => pattern.test(source.slice(start))));
  return (long ?? MARKS.find(([pattern]) => pattern.test(source.slice(offset))))?.[1];
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a number',
  uint: 'a number',
  double: 'a number',
  bool: 'true or false',
  list: 'a list',
  map: 'an object',
  null: 'null',
  'google.protobuf.Timestamp': 'a time',
  'google.protobuf.Duration': 'a duration',
};

/** A CEL type, as the end of "this is …". */
export function kind(type: string): string {
  const [name = ''] = type.replace(/^dyn<(.*)>$/, '$1').split('<');
  return KINDS[name] ?? `the whole ${type.toLowerCase()}`;
}

function type(summary: string): string {
  const [, left, operator, right] = OVERLOAD.exec(summary) ?? [];
  if (left !== undefined && operator !== undefined && right !== undefined) return pair(left, operator, right);
  const [, negated] = /^no such overload: !(\S+)$/i.exec(summary) ?? [];
  if (negated !== undefined) return `! takes a condition; this is ${kind(negated)}.`;
  const [, operand] = /^logical operator requires bool operands, got '(.+)'/i.exec(summary) ?? [];
  if (operand !== undefined)
    return `&& and || take conditions; one of these is ${kind(operand)}: compare it, as in != null.`;
  const [, call = ''] = /^found no matching overload for '(.+)'$/i.exec(summary) ?? [];
  return call === '' ? sentence(summary) : noFunction(call);
}

function pair(left: string, operator: string, right: string): string {
  const kinds = [kind(left), kind(right)];
  const sides = kinds.join(` ${operator} `);
  if (operator === 'in') return `"in" takes a list on its right, as in ["High", "Critical"]; this is ${sides}.`;
  const whole = kinds.find((one) => one.startsWith('the whole'));
  if (whole !== undefined) return `This is ${sides}: name a field of ${whole}, as in .name.`;
  return `This is ${sides}, and both sides must be of one kind${mixed(kinds, operator)}.`;
}

/** What to write where a text meets a number or a time. */
function mixed(kinds: readonly string[], operator: string): string {
  if (kinds.includes('a time') && (kinds.includes('a text') || kinds.includes('a number')))
    return `: write timestamp(…) around the ${kinds.includes('a text') ? 'text' : 'number'}`;
  if (kinds.includes('a duration') && kinds.some((one) => one === 'a text' || one === 'a number'))
    return ': write a duration as duration("1h")';
  if (!kinds.includes('a text') || !kinds.includes('a number')) return '';
  return operator === '+'
    ? ': write string(…) around the number, or int(…) around the text'
    : ': a number in quotes is a text; size(…) and int(…) make a number of one';
}

const METHODS = [
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'exists',
  'all',
  'filter',
  'map',
  'size',
  'lowerAscii',
  'getHours',
  'getDayOfWeek',
];
const FUNCTIONS = ['size', 'timestamp', 'duration', 'string', 'int'];

/** `string.contains(int)`, `contains(string, string)` */
function noFunction(call: string): string {
  const [, on, name = '', args = ''] = /^(?:(.+)\.)?(\w+)\((.*)\)$/.exec(call) ?? [];
  if (FUNCTIONS.includes(name) && on === undefined) return `${name}(…) does not take ${kinds(args) || 'nothing'}.`;
  const known = METHODS.includes(name);
  if (known && on === undefined) return `${name} stands behind what it looks at: event.topic.${name}(…).`;
  if (known && on !== undefined)
    return `${name} does not work here: what it looks at, or what is in its parentheses, is of the wrong kind (${call}).`;
  const all = [...new Set([...METHODS, ...FUNCTIONS])];
  const near = closest(name, all);
  return `There is no function ${name}.${near === null ? '' : ` Did you mean ${near}?`} Known: ${all.join(', ')}.`;
}

function offsetOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('range' in error)) return 0;
  const { range } = error;
  if (typeof range !== 'object' || range === null || !('start' in range)) return 0;
  return typeof range.start === 'number' ? range.start : 0;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? '' : '.'}`;
}
