/** Which lane an operation belongs to: that of these deliveries, or one by name. */
import { laneOf } from './lane-names.ts';
import type { Argument, Operation } from './store.ts';

export type Touched = { readonly seqs: readonly number[] } | { readonly lane: string };

const TOUCHED: { readonly [K in Operation]?: (argument: Argument<K>) => Touched } = {
  markSending: ({ seqs }) => ({ seqs }),
  settle: (endings) => ({ seqs: endings.map(({ seq }) => seq) }),
  postpone: (delays) => ({ seqs: delays.map(({ seq }) => seq) }),
  hold: ({ seq }) => ({ seqs: [seq] }),
  saveCard: ({ channel }) => ({ lane: laneOf(channel) }),
};

/** Null: of no lane. */
export function touchedBy<K extends Operation>(operation: K, argument: Argument<K>): Touched | null {
  return TOUCHED[operation]?.(argument) ?? null;
}
