/** Reads a lane's unfinished deliveries with their events. */
import type { Doubt, Target, ThresholdHit } from '../../core/delivery.ts';
import type { RelayEvent } from '../../core/event.ts';
import { UNFINISHED } from '../conditions.ts';
import type { Connection, Operation } from '../operation.ts';
import { type Target as For, statement } from '../statement.ts';
import { eventOf, type TracedEvent } from '../stored-event.ts';

export interface QueuedDelivery {
  /** Unique, and rising in order of acceptance. */
  readonly seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: Target;
  /** Not null: look for it before it is sent. What is found as `sending` is in doubt, not looked for yet. */
  readonly doubt: Doubt | null;
  /** The number of the group it was last sent with, while it is in doubt: its first member. They stay together. */
  readonly group: number | null;
  /** It was held. What was held goes out together. */
  readonly released: boolean;
  readonly thresholdHit: ThresholdHit | null;
  /** Attempts made so far that count against giving up. */
  readonly attempts: number;
  /** ms since the epoch: not to be tried before. */
  readonly dueAt: number;
  /** ms since the epoch: when `dueAt` was set. Later than now means that the clock was set back since. */
  readonly dueSetAt: number;
  /** ms since the epoch: when the event was accepted, or the delivery was made by a replay. */
  readonly acceptedAt: number;
  /** Rising in order of acceptance. */
  readonly eventSeq: number;
  readonly event: RelayEvent;
  /** The `traceparent` of its event's trace. */
  readonly trace?: string;
}

/** The lane's first `limit` unfinished deliveries in order of acceptance, those to be tried again included, due or not. */
export const next: Operation<[lane: string, limit: number], QueuedDelivery[]> = {
  writes: false,
  async run(connection, lane, limit) {
    return withEvents(connection, await connection.rows(ofLane, { lane, limit }));
  },
};

/** Unfinished deliveries by number, in order; what has ended is left out. */
export const load: Operation<[seqs: readonly number[]], QueuedDelivery[]> = {
  writes: false,
  async run(connection, seqs) {
    const found: Row[] = [];
    for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) found.push(...(await connection.rows(one, { seq })));
    return withEvents(connection, found);
  },
};

/** What tells whether an unfinished delivery may be in Slack. */
export interface InDoubt {
  readonly state: 'pending' | 'sending';
  readonly doubt_since: number | null;
  readonly group_seq: number | null;
}

export function isInDoubt({ state, doubt_since }: InDoubt): boolean {
  return state === 'sending' || doubt_since !== null;
}

export function groupOf(row: InDoubt): number | null {
  return isInDoubt(row) ? row.group_seq : null;
}

interface Row extends InDoubt {
  readonly seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: string;
  readonly attempts: number;
  readonly due_at: number;
  readonly due_set_at: number;
  readonly accepted_at: number;
  readonly attempted_at: number | null;
  readonly looks: number;
  readonly released: number;
  readonly storm_count: number | null;
  readonly storm_since: number | null;
  readonly event_seq: number;
}

async function withEvents(connection: Connection, rows: readonly Row[]): Promise<QueuedDelivery[]> {
  const events = new Map<number, TracedEvent>();
  const missing = new Set<number>();
  for (const { event_seq: seq } of rows) {
    const known = connection.events.get(seq);
    if (known === undefined) missing.add(seq);
    else events.set(seq, known);
  }
  if (missing.size > 0) {
    for (const row of await connection.rows(eventsOf, { seqs: JSON.stringify([...missing]) })) {
      const traced = { event: eventOf(row), trace: row.trace };
      connection.events.put(row.seq, traced, row.envelope.length + row.body.length);
      events.set(row.seq, traced);
    }
  }
  // An event outlives its deliveries.
  return rows.flatMap((row) => {
    const traced = events.get(row.event_seq);
    return traced === undefined ? [] : queuedOf(row, traced);
  });
}

function queuedOf(row: Row, { event, trace }: TracedEvent): QueuedDelivery {
  const { seq, lane, route, attempts, storm_count: count, storm_since: since } = row;
  const target: Target = JSON.parse(row.target);
  return {
    seq,
    lane,
    route,
    target,
    doubt: doubtOf(row),
    group: groupOf(row),
    released: row.released === 1,
    thresholdHit: count === null || since === null ? null : { count, since },
    attempts,
    dueAt: row.due_at,
    dueSetAt: row.due_set_at,
    acceptedAt: row.accepted_at,
    eventSeq: row.event_seq,
    event,
    ...(trace !== null && { trace }),
  };
}

/** What was being sent when the process ended is in doubt, and look-ups after an earlier attempt say nothing of it. */
function doubtOf({ state, attempted_at, accepted_at, doubt_since, looks }: Row): Doubt | null {
  const until = attempted_at ?? accepted_at;
  if (state === 'sending') return { since: doubt_since ?? until, until, lookups: 0 };
  return doubt_since === null ? null : { since: doubt_since, until, lookups: looks };
}

function unfinished({ db }: For) {
  return db
    .selectFrom('deliveries')
    .where(UNFINISHED)
    .$narrowType<{ state: 'pending' | 'sending' }>()
    .select(['seq', 'lane', 'route', 'target', 'state', 'attempts', 'due_at', 'due_set_at', 'accepted_at'])
    .select([
      'attempted_at',
      'doubt_since',
      'looks',
      'group_seq',
      'released',
      'storm_count',
      'storm_since',
      'event_seq',
    ]);
}

const ofLane = statement<{ lane: string; limit: number }, Row>((param, target) =>
  unfinished(target).where('lane', '=', param.key('lane')).orderBy('seq').limit(param('limit')),
);

const one = statement<{ seq: number }, Row>((param, target) => unfinished(target).where('seq', '=', param('seq')));

interface EventRow {
  readonly seq: number;
  readonly envelope: string;
  readonly body: Uint8Array;
  readonly trace: string | null;
}

/** `seqs`: a list as JSON. */
const eventsOf = statement<{ seqs: string }, EventRow>((param, { db, findText }) =>
  db
    .selectFrom('events')
    .select(['seq', 'envelope', 'body', 'trace'])
    .where('seq', 'in', findText.listed(param('seqs'))),
);
