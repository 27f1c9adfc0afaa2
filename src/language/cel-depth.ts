/**
 * How often an expression multiplies the lists of an event. `a.exists(x, b.exists(y, …))` is two: each item of the one
 * meets each of the other. `orders.exists(o, o.items.exists(i, …))` is one, since each item is met once.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { LOOPS } from './cel-counted.ts';

export interface Nesting {
  readonly depth: number;
  /** Of the innermost loop. */
  readonly offset: number;
}

/** Names of loops around, whose items no loop below has walked yet. */
type Fresh = ReadonlySet<string>;

/** The deepest of an expression's loops. */
export function nestingOf(node: ASTNode, fresh: Fresh = new Set()): Nesting {
  if (node.op !== 'rcall' || !LOOPS.has(node.args[0])) return deepest(childrenOf(node), fresh);
  const [, range, [variable, ...body]] = node.args;
  if (variable?.op !== 'id') return deepest(childrenOf(node), fresh);
  const root = rootOf(range);
  const once = root !== null && fresh.has(root);
  const left = new Set([...fresh].filter((name) => name !== root)).add(variable.args);
  const inner = deepest(body, left);
  const own = once || isWritten(range) ? 0 : 1;
  const nested = { depth: own + inner.depth, offset: inner.depth > 0 ? inner.offset : node.start };
  const ranged = nestingOf(range, fresh);
  return ranged.depth > nested.depth ? ranged : nested;
}

function deepest(nodes: readonly ASTNode[], fresh: Fresh): Nesting {
  return nodes
    .map((node) => nestingOf(node, fresh))
    .reduce((most, one) => (one.depth > most.depth ? one : most), { depth: 0, offset: 0 });
}

/** `o` of `o.items` and of `o.items.filter(…)`. */
function rootOf(range: ASTNode): string | null {
  if (range.op === 'id') return range.args;
  if (range.op === 'rcall') return rootOf(range.args[1]);
  return range.op === '.' || range.op === '.?' || range.op === '[]' || range.op === '[?]'
    ? rootOf(range.args[0])
    : null;
}

/** A list that the expression holds itself. */
function isWritten(range: ASTNode): boolean {
  return range.op === 'list' && range.args.every((item) => item.op === 'value');
}

export function childrenOf(node: ASTNode): ASTNode[] {
  const parts: readonly unknown[] = [node.args].flat(3);
  return parts.filter(isNode);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'input' in value;
}
