import type { Kysely } from 'kysely';
import type { InspectedRow } from '../inspection-rows.ts';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { Handlers } from './handlers.ts';

export function inspectionHandlers(db: Kysely<Tables>): Pick<Handlers, 'inspect'> {
  const one = prepare<{ seq: number }, InspectedRow>((hole) =>
    db
      .selectFrom('events')
      .select(['seq', 'envelope', 'body', 'received_at', 'receipt', 'trace', 'conflicts', 'conflict_at'])
      .where('seq', '=', hole('seq')),
  );
  return {
    inspect: {
      writes: false,
      async run(connection, query) {
        const [row] = await one.rows(connection, query);
        return row ?? null;
      },
    },
  };
}
