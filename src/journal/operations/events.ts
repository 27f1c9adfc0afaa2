/** Reads accepted events. */
import { FIRST } from '../conditions.ts';
import type { Connection, Operation } from '../operation.ts';
import { type Param, statement, type Target } from '../statement.ts';
import { eventOf, type StoredEvent } from '../stored-event.ts';

/** Which events. All conditions given must hold. */
export interface EventQuery {
  readonly seqs?: readonly number[];
  /** The sender's id. */
  readonly id?: string;
  /** ms since the epoch: accepted then or later. */
  readonly since?: number;
  /** Only events after this one, in order of acceptance; default 0. */
  readonly after?: number;
  readonly limit: number;
}

/**
 * Oldest first. What a caller leaves out becomes a condition that always holds, and a list becomes a query for each of
 * its items: so these are four statements, whatever is asked.
 */
export const events: Operation<[EventQuery], StoredEvent[]> = {
  writes: false,
  long: true,
  async run(connection, query) {
    const rows = await find(connection, query);
    return rows.map((row) => ({ seq: row.seq, event: eventOf(row) }));
  },
};

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly envelope: string;
  readonly body: Uint8Array;
}

interface Conditions {
  readonly id: string;
  readonly since: number;
  readonly after: number;
  readonly limit: number;
}

async function find(connection: Connection, { seqs, ...query }: EventQuery): Promise<readonly Row[]> {
  const { id, since = 0, after = 0, limit } = query;
  const conditions = { id: id ?? '', since, after, limit };
  if (seqs !== undefined) {
    const found: Row[] = [];
    for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) {
      if (found.length === limit) break;
      const rows = await connection.rows(bySeq, { ...conditions, seq });
      found.push(...rows.filter((row) => id === undefined || row.id === id));
    }
    return found;
  }
  if (id !== undefined) return connection.rows(byId, conditions);
  if (since === 0 || after > 0) return connection.rows(walk, conditions);
  // Not everything before it is older: the clock may have been set back. Nothing of it is younger.
  const [start] = await connection.rows(first, conditions);
  if (start === undefined || start.seq === null) return [];
  return connection.rows(walk, { ...conditions, after: start.seq - 1 });
}

function matching<P extends Conditions>(param: Param<P>, { db }: Target) {
  return db
    .selectFrom('events')
    .select(['seq', 'id', 'envelope', 'body'])
    .where('seq', '>', param('after'))
    .where('received_at', '>=', param('since'))
    .orderBy('seq')
    .limit(param('limit'));
}

const walk = statement<Conditions, Row>(matching);

const byId = statement<Conditions, Row>((param, target) => matching(param, target).where('id', '=', param.key('id')));

const bySeq = statement<Conditions & { seq: number }, Row>((param, target) =>
  matching(param, target).where('seq', '=', param('seq')),
);

const first = statement<Conditions, { seq: number | null }>((param, { db }) =>
  db.selectFrom('events').select(FIRST).where('received_at', '>=', param('since')),
);
