/** The loops of a Liquid template (loops.ts). What is assigned from a list counts as that list. */
import { AssignTag, ForTag, type Template, TypeGuards, Value } from 'liquidjs';
import { childrenOf } from './bound-names.ts';
import { inside, type Loops, MOST_LOOPS, type Range } from './loops.ts';

/** Where the first loop begins that is one too many: from 0; null where none is. */
export function loopTooDeep(templates: readonly Template[], around: Loops): number | null {
  return search(templates, around, new Map());
}

type Names = Map<string, Range>;

function search(templates: readonly Template[], around: Loops, names: Names): number | null {
  for (const template of templates) {
    if (template instanceof AssignTag) assign(template, names);
    const within = template instanceof ForTag ? inside(around, walked(template, names), template.variable) : around;
    if (within.depth > MOST_LOOPS && within.depth > around.depth) return template.token.begin;
    const found = search(childrenOf(template), within, names);
    if (found !== null) return found;
  }
  return null;
}

/** A `limit` that is written out bounds a loop as a range that is does. */
function walked(tag: ForTag, names: Names): Range {
  const range = rangeOf(tag.collection, names);
  return TypeGuards.isNumberToken(tag.hash.hash.limit) ? { ...range, written: true } : range;
}

function assign(tag: AssignTag, names: Names): void {
  const [value] = tag.arguments();
  for (const name of tag.localScope()) {
    if (value instanceof Value) names.set(String(name.content), rangeOf(value.initial.postfix[0], names));
  }
}

function rangeOf(token: unknown, names: Names): Range {
  if (TypeGuards.isFilteredValueToken(token)) return rangeOf(token.initial.postfix[0], names);
  if (TypeGuards.isPropertyAccessToken(token)) {
    const [first] = token.props;
    const root = token.variable === undefined && TypeGuards.isWordToken(first) ? first.content : null;
    return (root === null ? undefined : names.get(root)) ?? { root, written: false };
  }
  const parts = TypeGuards.isRangeToken(token) ? [token.lhs, token.rhs] : [token];
  return {
    root: null,
    written: parts.every((part) => TypeGuards.isNumberToken(part) || TypeGuards.isQuotedToken(part)),
  };
}
