import type { Kysely, RawBuilder } from 'kysely';
import { faultPoint } from '../../core/fault-point.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { Delay, Ending } from '../store.ts';
import type { KeepAttempt } from './attempts.ts';
import type { SaveCard } from './cards.ts';
import type { SaveChannel } from './channels.ts';
import { UNFINISHED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

interface Mark {
  readonly seq: number;
  readonly at: number;
  readonly group: number | null;
}

interface Saves {
  readonly saveCard: SaveCard;
  readonly saveChannel: SaveChannel;
  readonly keepAttempt: KeepAttempt;
}

/**
 * What becomes of deliveries. A change is refused for one that has already ended; what shares its transaction is
 * rolled back with it.
 */
export function progressHandlers(
  db: Kysely<Tables>,
  { saveCard, saveChannel, keepAttempt }: Saves,
): Pick<Handlers, 'markSending' | 'settle' | 'postpone'> {
  const mark = prepare<Mark>((hole) =>
    unfinished(db, hole('seq'))
      .set({ state: 'sending', updated_at: hole('at'), attempted_at: hole('at') })
      .set({ group_seq: hole('group') }),
  );
  const postpone = prepare<Delay>((hole) =>
    unfinished(db, hole('seq'))
      .set({ state: 'pending', attempts: hole('attempts'), due_at: hole('dueAt'), group_seq: hole('group') })
      .set({ updated_at: hole('at'), due_set_at: hole('at'), doubt_since: hole('doubtSince'), looks: hole('looks') })
      .set({ reason_code: hole('reasonCode'), reason: hole('reason') }),
  );
  const end = prepare<Ending>((hole) =>
    unfinished(db, hole('seq'))
      .set({ state: hole('state'), updated_at: hole('at'), channel: hole('channel'), ts: hole('ts') })
      .set({ reason_code: hole('reasonCode'), reason: hole('reason'), reported: hole('reported') }),
  );
  return {
    markSending: {
      writes: true,
      async run(connection, { seqs, at, group }) {
        for (const seq of seqs) changed(await mark.changes(connection, { seq, at, group }), seq, ENDED);
        return null;
      },
    },
    postpone: {
      writes: true,
      async run(connection, delays) {
        for (const delay of delays) {
          changed(await postpone.changes(connection, delay), delay.seq, ENDED);
          await keepAttempt(connection, delay.attempt);
        }
        return null;
      },
    },
    settle: {
      writes: true,
      async run(connection, endings) {
        for (const ending of endings) {
          changed(await end.changes(connection, ending), ending.seq, ENDED);
          if (ending.attempt !== null) await keepAttempt(connection, ending.attempt);
          if (ending.card !== null) await saveCard(connection, ending.card);
          if (ending.learnt !== null) await saveChannel(connection, ending.learnt);
        }
        faultPoint('settle.before-commit');
        return null;
      },
    },
  };
}

const ENDED = 'is held, or has already ended';

function unfinished(db: Kysely<Tables>, seq: RawBuilder<number>) {
  return db.updateTable('deliveries').where('seq', '=', seq).where(UNFINISHED);
}

/** @throws where no row was changed, so that the whole transaction is rolled back. */
export function changed(rows: number, seq: number, why: string): void {
  if (rows === 0) throw new Error(`delivery ${seq} does not exist or ${why}`);
}
