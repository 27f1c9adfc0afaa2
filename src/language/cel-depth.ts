/** The loops of an expression (loops.ts): `a.exists(x, b.exists(y, …))` is two, `orders.exists(o, o.items.exists(i, …))` one. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { LOOPS } from './cel-counted.ts';
import { inside, type Loops, type Range } from './loops.ts';

export interface Nesting {
  /** With the loops around the expression. */
  readonly depth: number;
  /** Of the innermost loop. */
  readonly offset: number;
}

/** The deepest of an expression's loops, which stands inside of others. */
export function nestingOf(node: ASTNode, around: Loops): Nesting {
  const none = { depth: around.depth, offset: node.start };
  if (node.op !== 'rcall' || !LOOPS.has(node.args[0])) return deepest(none, childrenOf(node), around);
  const [, range, [variable, ...body]] = node.args;
  if (variable?.op !== 'id') return deepest(none, childrenOf(node), around);
  const within = inside(around, rangeOf(range), variable.args);
  const looped = deepest({ depth: within.depth, offset: node.start }, body, within);
  return deepest(looped, [range], around);
}

function deepest(least: Nesting, nodes: readonly ASTNode[], around: Loops): Nesting {
  return nodes
    .map((node) => nestingOf(node, around))
    .reduce((most, one) => (one.depth > most.depth ? one : most), least);
}

/** Of an expression that gives a list. */
export function rangeOf(node: ASTNode): Range {
  return { root: rootOf(node), written: isWritten(node) };
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

/** Every name that is not a field of something. */
export function namesIn(node: ASTNode, found = new Set<string>()): ReadonlySet<string> {
  if (node.op === 'id') found.add(node.args);
  for (const child of childrenOf(node)) namesIn(child, found);
  return found;
}

export function childrenOf(node: ASTNode): ASTNode[] {
  const parts: readonly unknown[] = [node.args].flat(3);
  return parts.filter(isNode);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'input' in value;
}
