import type { Kysely } from 'kysely';
import { prepare } from '../prepared.ts';
import type { DismissRequest } from '../records.ts';
import type { Tables } from '../schema.ts';
import { LISTED, NOT_REPLAYED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

/** `updated_at` is when it was dismissed: it is kept for `retention` from then on. */
export function dismissHandlers(db: Kysely<Tables>): Pick<Handlers, 'dismiss'> {
  const dismiss = prepare<Omit<DismissRequest, 'seqs'> & { seq: number }>((hole) =>
    db
      .updateTable('deliveries')
      .set({ state: 'dismissed', updated_at: hole('at'), dismissed_by: hole('by'), dismissal: hole('reason') })
      .where('seq', '=', hole('seq'))
      .where(LISTED)
      .where(NOT_REPLAYED),
  );
  return {
    dismiss: {
      writes: true,
      async run(connection, { seqs, ...dismissal }) {
        const dismissed: number[] = [];
        for (const seq of new Set(seqs)) {
          if ((await dismiss.changes(connection, { ...dismissal, seq })) > 0) dismissed.push(seq);
        }
        return dismissed;
      },
    },
  };
}
