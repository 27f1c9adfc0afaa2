import type { Kysely, RawBuilder } from 'kysely';
import { faultPoint } from '../../core/fault-point.ts';
import { prepare } from '../prepared.ts';
import type { DeliveryRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import type { Argument, Delay, Ending } from '../store.ts';
import type { SaveCard } from './cards.ts';
import type { SaveChannel } from './channels.ts';
import { UNFINISHED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

/** What a lane reads: its unfinished deliveries. */
export function laneHandlers(db: Kysely<Tables>): Pick<Handlers, 'lanesWithWork' | 'next'> {
  const lanes = prepare<null, { lane: string }>(() =>
    db.selectFrom('deliveries').select('lane').distinct().where(UNFINISHED).orderBy('lane'),
  );
  const next = prepare<Argument<'next'>, DeliveryRow>((hole) =>
    db
      .selectFrom('deliveries')
      .innerJoin('events', 'events.seq', 'deliveries.event_seq')
      .select(['deliveries.seq', 'lane', 'route', 'target', 'state', 'attempts', 'due_at', 'due_set_at'])
      .select(['accepted_at', 'attempted_at', 'doubt_since', 'looks', 'event_seq', 'envelope', 'body'])
      .$narrowType<{ state: 'pending' | 'sending' }>()
      .where('lane', '=', hole('lane'))
      .where(UNFINISHED)
      .orderBy('deliveries.seq')
      .limit(hole('limit')),
  );
  return {
    lanesWithWork: {
      writes: false,
      async run(connection) {
        const rows = await lanes.rows(connection, null);
        return rows.map(({ lane }) => lane);
      },
    },
    next: { writes: false, run: (connection, query) => next.rows(connection, query) },
  };
}

/** What becomes of a delivery. Each change is refused for one that has already ended. */
export function progressHandlers(
  db: Kysely<Tables>,
  { saveCard, saveChannel }: { readonly saveCard: SaveCard; readonly saveChannel: SaveChannel },
): Pick<Handlers, 'markSending' | 'settle' | 'postpone'> {
  const mark = prepare<Argument<'markSending'>>((hole) =>
    unfinished(db, hole('seq')).set({ state: 'sending', updated_at: hole('at'), attempted_at: hole('at') }),
  );
  const postpone = prepare<Delay>((hole) =>
    unfinished(db, hole('seq'))
      .set({ state: 'pending', attempts: hole('attempts'), due_at: hole('dueAt') })
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
      run: async (connection, given) => changed(await mark.changes(connection, given), given.seq),
    },
    postpone: {
      writes: true,
      run: async (connection, given) => changed(await postpone.changes(connection, given), given.seq),
    },
    settle: {
      writes: true,
      async run(connection, ending) {
        changed(await end.changes(connection, ending), ending.seq);
        if (ending.card !== null) await saveCard(connection, ending.card);
        if (ending.learnt !== null) await saveChannel(connection, ending.learnt);
        faultPoint('settle.before-commit');
        return null;
      },
    },
  };
}

function unfinished(db: Kysely<Tables>, seq: RawBuilder<number>) {
  return db.updateTable('deliveries').where('seq', '=', seq).where(UNFINISHED);
}

function changed(rows: number, seq: number): null {
  if (rows === 0) throw new Error(`delivery ${seq} does not exist or has already ended`);
  return null;
}
