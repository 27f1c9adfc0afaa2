import type { DatabaseConnection, Kysely } from 'kysely';
import { type Hole, prepare } from '../prepared.ts';
import type { EventQuery } from '../records.ts';
import type { EventRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import { FIRST } from './conditions.ts';
import type { Handlers } from './handlers.ts';

interface Conditions {
  readonly id: string;
  readonly since: number;
  readonly after: number;
  readonly limit: number;
}

interface FoundEvent extends EventRow {
  readonly id: string;
}

/**
 * What a caller leaves out becomes a condition that always holds, and a list becomes a query for each of its items: so
 * these are four statements, whatever is asked.
 */
export function eventHandlers(db: Kysely<Tables>): Pick<Handlers, 'events'> {
  const matching = (hole: Hole<Conditions>) =>
    db
      .selectFrom('events')
      .select(['seq', 'id', 'envelope', 'body'])
      .where('seq', '>', hole('after'))
      .where('received_at', '>=', hole('since'))
      .orderBy('seq')
      .limit(hole('limit'));
  const walk = prepare<Conditions, FoundEvent>(matching);
  const byId = prepare<Conditions, FoundEvent>((hole) => matching(hole).where('id', '=', hole('id')));
  const bySeq = prepare<Conditions & { seq: number }, FoundEvent>((hole) =>
    matching(hole).where('seq', '=', hole('seq')),
  );
  const first = prepare<Conditions, { seq: number | null }>((hole) =>
    db.selectFrom('events').select(FIRST).where('received_at', '>=', hole('since')),
  );

  async function find(connection: DatabaseConnection, { seqs, ...query }: EventQuery): Promise<readonly FoundEvent[]> {
    const { id, since = 0, after = 0, limit } = query;
    const conditions = { id: id ?? '', since, after, limit };
    if (seqs !== undefined) {
      const found: FoundEvent[] = [];
      for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) {
        if (found.length === limit) break;
        const rows = await bySeq.rows(connection, { ...conditions, seq });
        found.push(...rows.filter((row) => id === undefined || row.id === id));
      }
      return found;
    }
    if (id !== undefined) return byId.rows(connection, conditions);
    if (since === 0 || after > 0) return walk.rows(connection, conditions);
    // Not everything before it is older: the clock may have been set back. Nothing of it is younger.
    const [start] = await first.rows(connection, conditions);
    if (start === undefined || start.seq === null) return [];
    return walk.rows(connection, { ...conditions, after: start.seq - 1 });
  }

  return {
    events: {
      writes: false,
      async run(connection, query) {
        const rows = await find(connection, query);
        return rows.map(({ seq, envelope, body }) => ({ seq, envelope, body }));
      },
    },
  };
}
