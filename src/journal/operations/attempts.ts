import type { DatabaseConnection, Kysely } from 'kysely';
import type { AttemptRow } from '../inspection-rows.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { AttemptEntry } from '../store.ts';
import type { Handlers } from './handlers.ts';

/** The newest attempts of a delivery that are kept. */
const KEPT = 50;

export type KeepAttempt = (connection: DatabaseConnection, attempt: AttemptEntry) => Promise<void>;

export function keepAttemptWith(db: Kysely<Tables>): KeepAttempt {
  const keep = prepare<AttemptEntry>((hole) =>
    db.insertInto('attempts').values({
      delivery_seq: hole('seq'),
      at: hole('at'),
      ms: hole('ms'),
      outcome: hole('outcome'),
      code: hole('code'),
      detail: hole('detail'),
    }),
  );
  const trim = prepare<Pick<AttemptEntry, 'seq'>>((hole) =>
    db
      .deleteFrom('attempts')
      .where('delivery_seq', '=', hole('seq'))
      .where('seq', '<=', (from) =>
        from
          .selectFrom('attempts as newer')
          .select('newer.seq')
          .where('newer.delivery_seq', '=', hole('seq'))
          .orderBy('newer.seq', 'desc')
          .limit(1)
          .offset(KEPT),
      ),
  );
  return async (connection, attempt) => {
    await keep.changes(connection, attempt);
    await trim.changes(connection, { seq: attempt.seq });
  };
}

export function attemptHandlers(db: Kysely<Tables>): Pick<Handlers, 'attempts'> {
  const newest = prepare<{ seq: number }, AttemptRow>((hole) =>
    db
      .selectFrom('attempts')
      .select(['delivery_seq', 'at', 'ms', 'outcome', 'code', 'detail'])
      .where('delivery_seq', '=', hole('seq'))
      .orderBy('seq', 'desc')
      .limit(KEPT),
  );
  return {
    attempts: {
      writes: false,
      async run(connection, { seqs }) {
        const found: AttemptRow[] = [];
        for (const seq of new Set(seqs)) found.push(...(await newest.rows(connection, { seq })).toReversed());
        return found;
      },
    },
  };
}
