/** What is right by itself in a value of which something is wrong. */
import type { z } from 'zod';
import type { Path } from './document.ts';
import { innermost } from './schema.ts';

/** What is wrong is deeper each round, or gone: no schema here nests deeper. */
const MOST_ROUNDS = 20;

/** Values that stand in for wrong ones, by their key. */
type StandIns = Readonly<Record<string, unknown>>;

/**
 * The value without what is wrong in it: an item with something wrong takes its whole list along, so that what is left
 * keeps its place. Undefined where nothing is left.
 */
export function salvage(schema: z.ZodType, value: unknown, standIns: StandIns = {}): unknown {
  let left: unknown = structuredClone(value);
  for (let round = 0; round < MOST_ROUNDS && left !== undefined; round++) {
    const result = schema.safeParse(left);
    if (result.success) return left;
    for (const issue of innermost(result.error.issues)) {
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      for (const path of paths) left = without(left, path, standIns);
    }
  }
  return undefined;
}

/** Undefined where that was all. What is missing takes along the object, or the list, in which it is missing. */
function without(value: unknown, path: Path, standIns: StandIns): unknown {
  const holders: unknown[] = [value];
  for (const key of path.slice(0, -1)) {
    const holder = holders.at(-1);
    const child = typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined;
    // It went with another.
    if (child === undefined) return value;
    holders.push(child);
  }
  const [key, holder] = [path.at(-1), holders.at(-1)];
  if (typeof key === 'string' && Object.hasOwn(standIns, key) && isFields(holder)) {
    if (Reflect.get(holder, key) === standIns[key]) return without(value, path.slice(0, -1), standIns);
    Reflect.set(holder, key, standIns[key]);
    return value;
  }
  for (let at = holders.length; at > 0; at--) {
    const holder = holders[at - 1];
    const key = path[at - 1];
    if (key !== undefined && isFields(holder) && Reflect.has(holder, key)) {
      Reflect.deleteProperty(holder, key);
      return value;
    }
  }
  return undefined;
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
