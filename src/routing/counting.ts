/** What a threshold counts together. Pure. */
import { createHash } from 'node:crypto';
import type { Threshold } from '../core/delivery.ts';
import type { RelayEvent } from '../core/event.ts';
import type { WorkBudget } from '../language/work.ts';
import type { ThresholdRule } from './route.ts';

/** A key is stored with every occurrence: a longer one is told by its hash. */
const LONGEST_KEY = 200;

export interface Counting {
  /**
   * The same for all that a route owes for an event, whatever its steps and people: the event counts once, and then all
   * of it is made or nothing.
   */
  readonly threshold: Threshold;
  readonly note?: string;
}

/** `route`: its name. Throws WorkLimitError. */
export function countingOf(
  rule: ThresholdRule,
  route: string,
  { event, work }: { readonly event: RelayEvent; readonly work: WorkBudget },
): Counting {
  const { count, withinMs, per } = rule;
  const evaluation = per?.evaluate({ event }, work) ?? { ok: true, value: null };
  work.check();
  const value = evaluation.ok ? evaluation.value : null;
  return {
    threshold: { key: keyOf([route, value ?? null]), count, withinMs },
    ...(!evaluation.ok && {
      note: `at_least.per has no value: ${evaluation.reason}. It is counted with all that have none.`,
    }),
  };
}

function keyOf(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts, (_, value: unknown) => printable(value));
  return text.length <= LONGEST_KEY ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** CEL has numbers that JSON has not: an unsigned one is an object around a bigint. A payload may name a key `valueOf`. */
function printable(value: unknown): unknown {
  const boxed = typeof value === 'object' && value !== null && typeof value.valueOf === 'function';
  const primitive: unknown = boxed ? value.valueOf() : value;
  return typeof primitive === 'bigint' ? String(primitive) : value;
}
