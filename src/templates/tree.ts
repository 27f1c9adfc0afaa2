/** A template's structure as it is compiled, and what an event makes of it. */

import { isAbsent } from '../core/absent.ts';
import type { Place } from '../core/problem.ts';
import { type Expression, holds } from '../language/expression.ts';
import { type Text, type TextContext, TextError } from '../language/text.ts';

export type Node =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: Text; readonly place: Place }
  | { readonly kind: 'object'; readonly entries: readonly Entry[] }
  | { readonly kind: 'list'; readonly items: readonly Item[] };

export interface Entry {
  readonly key: string;
  readonly node: Node;
  /** A URL with holes: without it the whole object is dropped, because a button to nowhere helps nobody. */
  readonly vital: boolean;
}

export interface Item {
  readonly node: Node;
  readonly each?: { readonly name: string; readonly list: Expression };
  readonly when?: Expression;
}

/** What strings and expressions see. They differ in the event's absent persons: null in text, ABSENT in conditions. */
export interface Scope {
  readonly text: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** Beyond any list that Slack takes: what `each` makes of longer ones only counts. */
const MOST_ITEMS = 200;

/** Where in the template a render failed. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly place: Place;

  constructor(place: Place, reason: string) {
    super(reason);
    this.place = place;
  }
}

/** Undefined where nothing is left of it. Throws NodeError. */
export function evaluate(node: Node, scope: Scope, context: TextContext): unknown {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'text':
      return renderText(node, scope, context);
    case 'list':
      return evaluateItems(node.items, scope, context).values;
    case 'object':
      return evaluateObject(node.entries, scope, context);
  }
}

/** `skipped`: items that `each` asked for beyond what any message can hold. */
export function evaluateItems(
  items: readonly Item[],
  scope: Scope,
  context: TextContext,
): { readonly values: readonly unknown[]; readonly skipped: number } {
  const values: unknown[] = [];
  let skipped = 0;
  for (const item of items) {
    const scopes = item.each === undefined ? [scope] : repeated(item.each, scope);
    for (const inner of scopes) {
      if (item.when !== undefined && !holds(item.when.evaluate(inner.conditions))) continue;
      if (values.length >= MOST_ITEMS) {
        skipped++;
        continue;
      }
      const value = evaluate(item.node, inner, context);
      if (value !== undefined) values.push(value);
    }
  }
  return { values, skipped };
}

function repeated({ name, list }: NonNullable<Item['each']>, scope: Scope): Scope[] {
  const evaluation = list.evaluate(scope.conditions);
  if (!evaluation.ok || !Array.isArray(evaluation.value)) return [];
  return evaluation.value.map((value: unknown) => ({
    text: { ...scope.text, [name]: isAbsent(value) ? null : value },
    conditions: { ...scope.conditions, [name]: value },
  }));
}

function evaluateObject(entries: readonly Entry[], scope: Scope, context: TextContext): unknown {
  const object: Record<string, unknown> = {};
  for (const { key, node, vital } of entries) {
    const value = evaluate(node, scope, context);
    if (vital && (value === undefined || value === '')) return undefined;
    if (value !== undefined) object[key] = value;
  }
  return object;
}

function renderText({ text, place }: Extract<Node, { kind: 'text' }>, scope: Scope, context: TextContext): string {
  try {
    return text.render(scope.text, context);
  } catch (error) {
    if (error instanceof TextError) throw new NodeError(place, error.message);
    throw error;
  }
}
