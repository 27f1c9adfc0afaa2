/** Dismissing: an operator decides that dead and parked deliveries need not arrive any more, and says why. */
import type { Clock } from '../core/clock.ts';
import { type Dismissal, FAILED_STATES } from '../core/delivery.ts';
import type { DeliveryRecord, Journal } from '../journal/contract.ts';
import type { Order } from './audit.ts';
import type { DismissResult } from './outcomes.ts';
import { select } from './replay-selection.ts';
import { SKIPPED, type Skip, SkipCount } from './replay-skips.ts';

export interface DismissOrder extends Order, Dismissal {
  readonly by: Dismissal['by'];
}

export interface DismissParts {
  readonly journal: Pick<Journal, 'events' | 'deliveries' | 'dismiss'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Rejects only as the journal does; then a part of it may have been done, and the rest can be asked for again. */
export async function dismiss(order: DismissOrder, { journal, clock }: DismissParts): Promise<DismissResult> {
  const { by, reason, dryRun = false, states = FAILED_STATES } = order;
  const skips = new SkipCount();
  const unknown: string[] = [];
  const notes = { unknown: (id: string) => unknown.push(id), skip: skips.add.bind(skips), whyLeftOut };
  let dismissed = 0;
  for await (const page of select({ ...order, states }, journal, notes)) {
    const seqs = page.flatMap(({ numbers }) => [...(numbers ?? [])]);
    const done = dryRun
      ? await journal.deliveries({ seqs, states, replayed: false, limit: seqs.length })
      : await journal.dismiss({ seqs, at: clock.now(), by, reason });
    dismissed += done.length;
    const numbers = new Set(done.map((one) => (typeof one === 'number' ? one : one.seq)));
    for (const seq of seqs) if (!numbers.has(seq)) skips.add({ ...SKIPPED.notDismissed(), delivery: seq });
  }
  return { dry_run: dryRun, dismissed, skipped: skips.list(), unknown_ids: unknown };
}

function whyLeftOut({ state }: Pick<DeliveryRecord, 'state'>): Omit<Skip, 'delivery'> {
  if (state === 'dismissed') return SKIPPED.alreadyDismissed();
  return FAILED_STATES.some((listed) => listed === state) ? SKIPPED.leftOut() : SKIPPED.notFailed(state);
}
