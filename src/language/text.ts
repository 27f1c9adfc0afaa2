/**
 * Text with placeholders: Liquid strings. Compiled once, when the file that holds them is read, where unknown filters, tags
 * and variables are found; rendered against plain objects afterwards, with every output escaped for where it stands.
 */
import { type Liquid, LiquidError, type Template } from 'liquidjs';
import { renderCounted } from './counted-liquid.ts';
import { createEngine, type Place, printed, REFUSED_TAGS, usesFilter } from './engine.ts';
import { firstUnknownField, type Locals } from './fields.ts';
import type { Filter } from './filters.ts';
import { loopTooDeep } from './liquid-depth.ts';
import { keepDigits, quotedLiteral } from './literals.ts';
import { type Loops, MOST_LOOPS, NO_LOOPS } from './loops.ts';
import type { TextContext } from './markup.ts';
import { plainPlaceholders } from './placeholders.ts';
import { closest } from './schema.ts';
import { STEPS, sizeInSteps, WorkBudget } from './work.ts';

export type { Place } from './engine.ts';
export type { TextContext } from './markup.ts';

export interface Text {
  readonly source: string;
  /** Without placeholders: it renders as it is written. */
  readonly constant: boolean;
  /**
   * What the scope lacks renders as nothing. `work`: what it may cost, shared with whatever else spends from it. Throws TextError.
   */
  render(scope: Readonly<Record<string, unknown>>, context: TextContext, work?: WorkBudget): string;
}

/** A render that went beyond its limits, or a filter that could not take its input. */
export class TextError extends Error {
  override readonly name = 'TextError';
}

export interface TextProblem {
  readonly code: 'text-syntax' | 'unknown-filter' | 'unknown-field' | 'tag-not-allowed' | 'nested-loops';
  /** One sentence. */
  readonly message: string;
  readonly remedy?: string;
  /** Where in the source it is, from 0. */
  readonly offset: number;
}

type TextCompilation =
  | { readonly ok: true; readonly text: Text; readonly usesRaw: boolean }
  | { readonly ok: false; readonly error: TextProblem };

const TOO_DEEP = `Loops inside one another multiply their lists, and this is one more than ${MOST_LOOPS}.`;
const LESS_DEEP = 'Loop over a list of the item around it ({% for line in order.lines %}), or give it a limit: 10.';

const LOST_DIGITS = 'Within these quotes, a number beyond 2^53 loses digits.';
const ASSIGN_IT = 'Write {% assign id = … %} before it, and compare with id.';
const TOO_LARGE = 'a number beyond 2^53 cannot be used here';

interface TextOptions {
  /** Names beside `event`, with their types. */
  readonly locals?: Locals;
  /** Around it. */
  readonly loops?: Loops;
}

/** Texts of one destination: its places by name, its filters beside Liquid's. */
export interface Texts<Name extends string> {
  compile(source: string, place: Name, options?: TextOptions): TextCompilation;
  engine(place: Name): Liquid;
}

export function createTexts<Name extends string>(
  places: Readonly<Record<Name, Place>>,
  filters: Readonly<Record<string, Filter>>,
): Texts<Name> {
  const engines = new Map<Name, Liquid>();
  const engineOf = (name: Name): Liquid => {
    const engine = engines.get(name) ?? createEngine(places[name], filters);
    engines.set(name, engine);
    return engine;
  };
  return {
    compile: (source, name, options = {}) =>
      /\{[{%]/.test(source) ? compile(source, engineOf(name), { ...options, place: places[name] }) : constant(source),
    engine: engineOf,
  };
}

function constant(source: string): TextCompilation {
  return { ok: true, text: { source, constant: true, render: () => source }, usesRaw: false };
}

function compile(source: string, engine: Liquid, options: TextOptions & { readonly place: Place }): TextCompilation {
  const { place } = options;
  let templates: Template[];
  try {
    templates = engine.parse(source);
  } catch (error) {
    return { ok: false, error: syntaxProblem(error, source, engine) };
  }
  const unknown = firstUnknownField(templates, options.locals ?? {});
  if (unknown !== null) {
    const { message, remedy, row, column } = unknown;
    const offset = offsetAt(source, row, column);
    const error = lostFilter(source, offset, engine.filters) ?? { code: 'unknown-field', message, remedy, offset };
    return { ok: false, error };
  }
  const deep = loopTooDeep(templates, options.loops ?? NO_LOOPS);
  if (deep !== null) {
    return { ok: false, error: { code: 'nested-loops', message: TOO_DEEP, remedy: LESS_DEEP, offset: deep } };
  }
  const quoted = quotedLiteral(templates);
  if (quoted !== null) {
    return { ok: false, error: { code: 'text-syntax', message: LOST_DIGITS, remedy: ASSIGN_IT, offset: quoted } };
  }
  keepDigits(templates);
  const direct = plainPlaceholders(source, (value) => printed(value, place));
  const render: Text['render'] = (scope, context, work = new WorkBudget(STEPS.message)) => {
    const text = rendered(() => {
      if (direct === null) return renderCounted(templates, scope, { engine, context, work });
      const read = direct(scope);
      work.spend(sizeInSteps(read));
      return read;
    });
    return place.finish === undefined ? text : place.finish(text);
  };
  return { ok: true, text: { source, constant: false, render }, usesRaw: usesFilter(templates, 'raw') };
}

/** `{{ event.topic upcase }}`: to Liquid, two variables. */
function lostFilter(source: string, offset: number, filters: object): TextProblem | null {
  const name = /^\w+/.exec(source.slice(offset))?.[0] ?? '';
  if (!Object.hasOwn(filters, name) || !/\{\{[^|}]*[\w\]"']\s+$/.test(source.slice(0, offset))) return null;
  return { code: 'text-syntax', message: `"${name}" is a filter.`, remedy: `Write | before it: | ${name}.`, offset };
}

function rendered(render: () => unknown): string {
  try {
    return String(render());
  } catch (error) {
    const reason = reasonOf(error);
    throw new TextError(/\bBigInt\b/.test(reason) ? TOO_LARGE : reason);
  }
}

function syntaxProblem(error: unknown, source: string, engine: Liquid): TextProblem {
  const message = reasonOf(error);
  const begin = error instanceof LiquidError ? Math.min(error.token.begin, source.length) : 0;
  const filter = /^undefined filter: (\S+)/.exec(message)?.[1];
  if (filter !== undefined) return unknownFilter(filter, begin, source, Object.keys(engine.filters));
  const tag = /^tag "(.+)" not found/.exec(message)?.[1];
  if (tag !== undefined) return unknownTag(tag, begin, Object.keys(engine.tags));
  if (/^unexpected "if /.test(message)) {
    return {
      code: 'text-syntax',
      message: 'There is no {% else if %}.',
      remedy: 'Write {% elsif … %}.',
      offset: begin,
    };
  }
  const open = /^(?:output|tag) (.*) not closed/s.exec(message)?.[1]?.replace(/^"|"$/g, '').trim();
  if (open === undefined) return { code: 'text-syntax', message: `This is not Liquid: ${message}.`, offset: begin };
  const name = /^\{%-?\s*(\w+).*%\}$/s.exec(open)?.[1];
  const remedy = name !== undefined ? `Add {% end${name} %}.` : open.startsWith('{{') ? 'Add }}.' : 'Add %}.';
  return { code: 'text-syntax', message: `${open} is not closed.`, remedy, offset: begin };
}

function unknownFilter(name: string, begin: number, source: string, known: readonly string[]): TextProblem {
  const at = source.indexOf(name, Math.max(begin, source.indexOf('|', begin)));
  const near = closest(name, known);
  return {
    code: 'unknown-filter',
    message: `There is no filter "${name}".`,
    remedy: `${near === null ? '' : `Did you mean "${near}"? `}Filters: ${known.toSorted().join(', ')}.`,
    offset: Math.max(begin, at),
  };
}

function unknownTag(name: string, offset: number, known: readonly string[]): TextProblem {
  if (/^end|^els|^when$/.test(name)) {
    return { code: 'text-syntax', message: `{% ${name} %} does not belong to anything that is open here.`, offset };
  }
  const message = REFUSED_TAGS.has(name)
    ? `The tag "${name}" cannot be used here: a template is one file, and its output is no HTML.`
    : `There is no tag "${name}".`;
  const near = closest(name, known);
  const allowed = `Tags: ${known.toSorted().join(', ')}.`;
  return {
    code: 'tag-not-allowed',
    message,
    remedy: `${near === null ? '' : `Did you mean "${near}"? `}${allowed}`,
    offset,
  };
}

/** Without the place, which stands beside the message, and without more of the text than a name. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, (?:file:.*, )?line:\d+, col:\d+.*$/s, '').slice(0, 200);
}

function offsetAt(source: string, row: number, column: number): number {
  let start = 0;
  for (let line = 1; line < row; line++) start = source.indexOf('\n', start) + 1;
  return start + column - 1;
}
