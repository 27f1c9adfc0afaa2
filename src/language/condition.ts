/**
 * What a condition says, read without an event: which conditions follow from it, and whether it can hold at all. What
 * is not understood is taken as it is written, so nothing is claimed that might be wrong.
 */
import { type ASTNode, Environment, serialize } from '@marcbachmann/cel-js';
import { CEL_OPTIONS } from './expression.ts';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'constant'; readonly value: boolean }
  /** A path such as `event.topic` is one of these texts. */
  | { readonly kind: 'one-of'; readonly path: string; readonly values: readonly string[]; readonly key: string }
  | { readonly kind: 'other'; readonly key: string };

/** Whether a path may hold a text; paths that are not named here may hold any. */
export type Possible = Readonly<Record<string, (value: string) => boolean>>;

export const ALWAYS: Condition = { kind: 'constant', value: true };

/** All of them together. */
export function together(...conditions: readonly Condition[]): Condition {
  return combined('and', conditions);
}

/** The path holds this text. */
export function holdsText(path: string, value: string): Condition {
  return { kind: 'one-of', path, values: [value], key: `${path} == ${JSON.stringify(value)}` };
}

let parser: Environment | null = null;

/** Of a source that compiles; for another one nothing is claimed. */
export function readCondition(source: string): Condition {
  parser ??= new Environment(CEL_OPTIONS);
  try {
    return read(parser.parse(source).ast);
  } catch {
    return { kind: 'other', key: source };
  }
}

/** Whether `then` holds wherever `given` does. */
export function implies(given: Condition, then: Condition): boolean {
  if (given.kind === 'constant' && !given.value) return true;
  if (then.kind === 'constant' && then.value) return true;
  if (given.kind === 'or') return given.parts.every((part) => implies(part, then));
  if (then.kind === 'and') return then.parts.every((part) => implies(given, part));
  if (then.kind === 'or' && then.parts.some((part) => implies(given, part))) return true;
  if (given.kind === 'and') return given.parts.some((part) => implies(part, then));
  if (given.kind === 'one-of' && then.kind === 'one-of' && given.path === then.path) {
    return given.values.every((value) => then.values.includes(value));
  }
  return 'key' in given && 'key' in then && given.key === then.key;
}

/** Why it can never hold, as the end of a sentence; null where it may. */
export function neverHolds(condition: Condition, possible: Possible): string | null {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? null : 'it is false whatever the event is';
    case 'one-of':
      return noneOf(condition.path, condition.values, possible);
    case 'or': {
      const reasons = condition.parts.map((part) => neverHolds(part, possible));
      return reasons.includes(null) ? null : (reasons[0] ?? null);
    }
    case 'and':
      return contradiction(condition.parts, possible);
    case 'other':
      return null;
  }
}

function noneOf(path: string, values: readonly string[], possible: Possible): string | null {
  const may = possible[path];
  if (may === undefined || values.some(may)) return null;
  return `here, ${path} is never ${values.map((value) => `"${value}"`).join(' or ')}`;
}

function contradiction(parts: readonly Condition[], possible: Possible): string | null {
  const asked = new Map<string, readonly string[]>();
  for (const part of parts) {
    const reason = neverHolds(part, possible);
    if (reason !== null) return reason;
    if (part.kind !== 'one-of') continue;
    const before = asked.get(part.path);
    const both = before?.filter((value) => part.values.includes(value)) ?? part.values;
    if (both.length === 0) return `${part.path} cannot be "${before?.[0]}" and "${part.values[0]}" at once`;
    asked.set(part.path, both);
  }
  return null;
}

function read(node: ASTNode): Condition {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'boolean' ? { kind: 'constant', value: node.args } : other(node);
    case '&&':
      return combined('and', node.args.map(read));
    case '||':
      return combined('or', node.args.map(read));
    case '!_': {
      const inner = read(node.args);
      return inner.kind === 'constant' ? { kind: 'constant', value: !inner.value } : other(node);
    }
    case '==':
      return oneOf(node, node.args[0], [node.args[1]]) ?? oneOf(node, node.args[1], [node.args[0]]) ?? other(node);
    case 'in':
      return (node.args[1].op === 'list' ? oneOf(node, node.args[0], node.args[1].args) : null) ?? other(node);
    default:
      return other(node);
  }
}

/** Constants are taken out, and what is nested is made flat. */
function combined(kind: 'and' | 'or', parts: readonly Condition[]): Condition {
  const decides = kind === 'or';
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  if (flat.some((part) => part.kind === 'constant' && part.value === decides)) {
    return { kind: 'constant', value: decides };
  }
  const left = flat.filter((part) => part.kind !== 'constant');
  const [only] = left;
  return only === undefined ? { kind: 'constant', value: !decides } : left.length === 1 ? only : { kind, parts: left };
}

function oneOf(whole: ASTNode, subject: ASTNode, candidates: readonly ASTNode[]): Condition | null {
  const path = pathOf(subject);
  const values = candidates.map((node) => (node.op === 'value' && typeof node.args === 'string' ? node.args : null));
  const texts = values.filter((value) => value !== null);
  return path === null || texts.length < values.length
    ? null
    : { kind: 'one-of', path, values: texts, key: serialize(whole) };
}

function pathOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return null;
  const holder = pathOf(node.args[0]);
  return holder === null ? null : `${holder}.${node.args[1]}`;
}

function other(node: ASTNode): Condition {
  return { kind: 'other', key: serialize(node) };
}
