/** Integers that are written in a template: Liquid reads them as doubles, which beyond 2^53 lose digits. */
import { type Template, TypeGuards, Value } from 'liquidjs';
import { parseJson } from '../core/json.ts';
import { childrenOf } from './bound-names.ts';

const { isNumberToken, isPropertyAccessToken, isFilteredValueToken, isQuotedToken } = TypeGuards;

/**
 * Gives them the value that JSON has for the same digits. Changes the templates: liquidjs has no hook where it reads a
 * number, and declares a token's public `content` as a number, though it computes with whatever is there.
 */
export function keepDigits(templates: readonly Template[]): void {
  for (const token of tokensOf(templates)) {
    if (!isNumberToken(token) || Number.isSafeInteger(token.content)) continue;
    const [, sign, digits] = /^([+-]?)0*(\d+)$/.exec(token.getText()) ?? [];
    if (digits !== undefined) Reflect.set(token, 'content', parseJson(`${sign === '-' ? '-' : ''}${digits}`));
  }
}

/** Where such an integer is within the quotes of `where_exp` and the like, which are read at each rendering; else null. */
export function quotedLiteral(templates: readonly Template[]): number | null {
  for (const token of tokensOf(templates)) {
    if (!isQuotedToken(token) || !/_exp\s*:[^|]*$/.test(token.input.slice(0, token.begin))) continue;
    const found = /(?<![\w.])\d{16,}(?![\w.])/.exec(token.content);
    if (found !== null && !Number.isSafeInteger(Number(found[0]))) return token.begin;
  }
  return null;
}

function* tokensOf(templates: readonly Template[]): Generator<unknown> {
  for (const template of templates) {
    for (const argument of template.arguments?.() ?? []) yield* within(argument);
    yield* tokensOf(childrenOf(template));
  }
}

/** Not the bounds of a range: Liquid computes them as doubles, and refuses a list that long. */
function* within(part: unknown): Generator<unknown> {
  if (part instanceof Value || isFilteredValueToken(part)) {
    for (const token of part.initial.postfix) yield* within(token);
    for (const argument of part.filters.flatMap(({ args }) => args)) {
      yield* within(Array.isArray(argument) ? argument[1] : argument);
    }
  } else if (isPropertyAccessToken(part)) {
    yield* within(part.variable);
    for (const prop of part.props) yield* within(prop);
  } else yield part;
}
