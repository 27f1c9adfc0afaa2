/**
 * How often loops multiply the lists of an event, in CEL and in Liquid. A loop over a list inside a loop over another
 * is two: each item of the one meets each of the other. A loop over a list of the item around it is one, since each
 * item is met once.
 */

/** The loops around a place. */
export interface Loops {
  readonly depth: number;
  /** Names of their items that no loop further in has walked yet. */
  readonly fresh: ReadonlySet<string>;
}

export const NO_LOOPS: Loops = { depth: 0, fresh: new Set() };

/** Of three, lists of 30 items would use a whole budget up. */
export const MOST_LOOPS = 2;

export interface Range {
  /** `o` of `o.items`; null for what begins with no name. */
  readonly root: string | null;
  /** As long as its author wrote it, whatever the event is. */
  readonly written: boolean;
}

/** The loops around what is done for each item of the range. `name`: the item's. */
export function inside({ depth, fresh }: Loops, { root, written }: Range, name: string): Loops {
  const once = root !== null && fresh.has(root);
  const left = new Set([...fresh].filter((other) => other !== root)).add(name);
  return { depth: depth + (once || written ? 0 : 1), fresh: left };
}
