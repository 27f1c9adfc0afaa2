/** A template's structure as it is compiled, and what an event makes of it. */

import { isAbsent } from '../core/absent.ts';
import type { Place } from '../core/problem.ts';
import type { Expression } from '../language/expression.ts';
import { type Text, type TextContext, TextError } from '../language/text.ts';
import { type WorkBudget, WorkLimitError } from '../language/work.ts';

export type Node =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: Text; readonly place: Place }
  | { readonly kind: 'object'; readonly entries: readonly Entry[] }
  | { readonly kind: 'list'; readonly items: readonly Item[] };

export interface Entry {
  readonly key: string;
  readonly node: Node;
  /** A URL with placeholders: without it the whole object is dropped, because a button to nowhere helps nobody. A link keeps its text. */
  readonly vital: boolean;
}

export interface Item {
  readonly node: Node;
  readonly each?: Located & { readonly name: string; readonly list: Expression };
  readonly when?: Located & { readonly condition: Expression };
}

interface Located {
  readonly place: Place;
}

/** What strings and expressions see. They differ in the event's absent persons: null in text, ABSENT in conditions. */
export interface Scope {
  readonly text: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** What a render is done with. */
export interface Rendering {
  readonly context: TextContext;
  /** Of the whole message. */
  readonly work: WorkBudget;
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
export function evaluate(node: Node, scope: Scope, rendering: Rendering): unknown {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'text':
      return renderText(node, scope, rendering);
    case 'list':
      return evaluateItems(node.items, scope, rendering).values;
    case 'object':
      return evaluateObject(node.entries, scope, rendering);
  }
}

/** `skipped`: items that `each` asked for beyond what any message can hold. */
export function evaluateItems(
  items: readonly Item[],
  scope: Scope,
  rendering: Rendering,
): { readonly values: readonly unknown[]; readonly skipped: number } {
  const values: unknown[] = [];
  let skipped = 0;
  for (const { node, each, when } of items) {
    const repeated = each === undefined ? [scope] : scopesOf(each, scope, rendering);
    for (const inner of repeated) {
      if (when !== undefined && !decided(when, inner, rendering)) continue;
      if (values.length >= MOST_ITEMS) {
        skipped++;
        continue;
      }
      const value = evaluate(node, inner, rendering);
      if (value !== undefined) values.push(value);
    }
  }
  return { values, skipped };
}

/** One at a time: a list may be longer than any message, and each scope is gone before the next is made. */
function* scopesOf({ name, list, place }: NonNullable<Item['each']>, scope: Scope, rendering: Rendering) {
  const value = resultOf(list, { place, scope, rendering });
  if (!Array.isArray(value)) return;
  for (const item of value) {
    counted(rendering, place, 1);
    yield {
      text: { ...scope.text, [name]: isAbsent(item) ? null : item },
      conditions: { ...scope.conditions, [name]: item },
    };
  }
}

function decided({ condition, place }: NonNullable<Item['when']>, scope: Scope, rendering: Rendering): boolean {
  return resultOf(condition, { place, scope, rendering }) === true;
}

/** Null where it has no value. */
function resultOf(
  expression: Expression,
  { place, scope, rendering }: { readonly place: Place; readonly scope: Scope; readonly rendering: Rendering },
): unknown {
  const evaluation = expression.evaluate(scope.conditions, rendering.work);
  if (evaluation.ok) return evaluation.value;
  if (evaluation.exceeded) throw new NodeError(place, evaluation.reason);
  return null;
}

function counted({ work }: Rendering, place: Place, steps: number): void {
  try {
    work.spend(steps);
  } catch (error) {
    if (error instanceof WorkLimitError) throw new NodeError(place, error.message);
    throw error;
  }
}

function evaluateObject(entries: readonly Entry[], scope: Scope, rendering: Rendering): unknown {
  const object: Record<string, unknown> = {};
  for (const { key, node, vital } of entries) {
    const value = evaluate(node, scope, rendering);
    if (vital && (value === undefined || value === '')) return undefined;
    if (value !== undefined) object[key] = value;
  }
  return object;
}

function renderText({ text, place }: Extract<Node, { kind: 'text' }>, scope: Scope, rendering: Rendering): string {
  try {
    return text.render(scope.text, rendering.context, rendering.work);
  } catch (error) {
    if (error instanceof TextError) throw new NodeError(place, error.message);
    throw error;
  }
}
