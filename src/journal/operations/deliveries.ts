/** Reads what became of deliveries. */
import { type SqlBool, sql } from 'kysely';
import {
  DELIVERY_STATES,
  type DeliveryState,
  type Dismissal,
  FAILED_STATES,
  type NoTarget,
  type Placement,
  type Target,
} from '../../core/delivery.ts';
import type { RelayEvent } from '../../core/event.ts';
import type { Reason } from '../../core/outcome.ts';
import { FIRST, HELD, LISTED, NOT_REPLAYED, UNFINISHED } from '../conditions.ts';
import type { Connection, Operation } from '../operation.ts';
import { reasonOf } from '../reason.ts';
import { type Target as For, type Param, statement } from '../statement.ts';
import { titlesOf } from '../titles.ts';

/** Which deliveries. All conditions given must hold. */
export interface DeliveryQuery {
  readonly seqs?: readonly number[];
  readonly eventSeqs?: readonly number[];
  readonly states?: readonly DeliveryState[];
  /** ms since the epoch: accepted (or made by a replay) then or later. */
  readonly since?: number;
  /** False: leave out what has been replayed since. */
  readonly replayed?: boolean;
  /** Only those before this one: newest first. Without it, the newest. */
  readonly before?: number;
  readonly limit: number;
}

/** What became of a delivery. */
export interface DeliveryRecord {
  readonly seq: number;
  readonly eventSeq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: Target | NoTarget;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** ms since the epoch, all three. `updatedAt`: when it was last attempted, put off, released or ended. */
  readonly acceptedAt: number;
  readonly updatedAt: number;
  readonly dueAt: number;
  /** It may be in Slack without our knowing. */
  readonly inDoubt: boolean;
  /** Why it ended so, or why it was not sent at the last attempt. */
  readonly reason: Reason | null;
  readonly placement: Placement | null;
  /** What it was last sent together with: the number of the first of them. */
  readonly group: number | null;
  /** Made by a replay. */
  readonly replay: boolean;
  /** The delivery that a replay made in place of this one. */
  readonly replayedAs: number | null;
  /** Null unless it was dismissed, at `updatedAt`. */
  readonly dismissal: Dismissal | null;
  readonly event: Pick<RelayEvent, 'id' | 'source' | 'topic' | 'subject' | 'received_at'> & {
    /** As `eventTitle` has it. */
    readonly title: string | null;
  };
}

/**
 * Newest first. What a caller leaves out becomes a condition that always holds, and a list becomes a query for each of
 * its items: so these are seven statements, whatever is asked.
 *
 * Known limit: those in a state that is rare among the ended ones (`merged`, `superseded`, `dismissed`) are found by
 * walking through the rest.
 */
export const deliveries: Operation<[DeliveryQuery], DeliveryRecord[]> = {
  writes: false,
  long: true,
  async run(connection, query) {
    const found = await search(connection, query);
    const rows = found.sort((a, b) => b.seq - a.seq).slice(0, query.limit);
    const titles = await titlesOf(
      connection,
      rows.map(({ event_seq }) => event_seq),
    );
    return rows.map((row) => recordOf(row, titles.get(row.event_seq) ?? null));
  },
};

interface Row {
  readonly seq: number;
  readonly event_seq: number;
  readonly lane: string;
  readonly route: string;
  readonly target: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly accepted_at: number;
  readonly updated_at: number;
  readonly due_at: number;
  readonly doubt_since: number | null;
  readonly group_seq: number | null;
  readonly reason_code: string | null;
  readonly reason: string | null;
  readonly channel: string | null;
  readonly ts: string | null;
  readonly replay: number;
  readonly replayed_as: number | null;
  readonly dismissed_by: string | null;
  readonly dismissal: string | null;
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly received_at: number;
}

function recordOf(row: Row, title: string | null): DeliveryRecord {
  const { seq, lane, route, state, attempts, channel, ts, dismissal } = row;
  const { id, source, topic, subject } = row;
  const target: DeliveryRecord['target'] = JSON.parse(row.target);
  return {
    seq,
    eventSeq: row.event_seq,
    lane,
    route,
    target,
    state,
    attempts,
    acceptedAt: row.accepted_at,
    updatedAt: row.updated_at,
    dueAt: row.due_at,
    inDoubt: mayBeInSlack(row),
    reason: reasonOf(row.reason_code, row.reason),
    placement: channel === null || ts === null ? null : { channel, ts },
    group: row.group_seq,
    replay: row.replay === 1,
    replayedAs: row.replayed_as,
    dismissal: dismissal === null ? null : { by: row.dismissed_by, reason: dismissal },
    event: { id, source, topic, subject, title, received_at: new Date(row.received_at).toISOString() },
  };
}

/** What is being sent is not in doubt before the process ends or the call does. */
function mayBeInSlack({ state, doubt_since }: Row): boolean {
  if (state === 'sent' || state === 'merged' || state === 'superseded') return false;
  return state === 'parked' || doubt_since !== null;
}

/** No index has these: nearly all deliveries are in the first three. */
const UNINDEXED = ['sent', 'merged', 'superseded', 'dismissed'] as const satisfies readonly DeliveryState[];

/** By a state's name: itself where it is asked for, else null, which equals none. */
type StatesAsked = Readonly<Record<DeliveryState, DeliveryState | null>>;

interface Conditions extends StatesAsked {
  readonly since: number;
  readonly before: number;
  /** 1: those that were replayed as well. */
  readonly replayed: 0 | 1;
  readonly limit: number;
}

/** Enough to hold the newest `limit`, in no order. */
async function search(connection: Connection, query: DeliveryQuery): Promise<Row[]> {
  const { seqs, eventSeqs, states = DELIVERY_STATES } = query;
  const conditions = conditionsOf(query);
  const found: Row[] = [];
  const take = (rows: readonly Row[]) => found.push(...rows);
  if (seqs !== undefined) {
    for (const seq of new Set(seqs)) take(await connection.rows(one, { ...conditions, seq }));
    return eventSeqs === undefined ? found : found.filter(({ event_seq }) => eventSeqs.includes(event_seq));
  }
  if (eventSeqs !== undefined) {
    for (const seq of new Set(eventSeqs)) take(await connection.rows(ofEvent, { ...conditions, seq }));
    return found;
  }
  if (UNINDEXED.some((state) => states.includes(state))) {
    const [start] = query.since === undefined ? [{ seq: 0 }] : await connection.rows(first, conditions);
    if (start !== undefined && start.seq !== null) {
      take(await connection.rows(walk, { ...conditions, seq: start.seq }));
    }
    return found;
  }
  if (states.includes('pending') || states.includes('sending')) take(await connection.rows(unfinished, conditions));
  if (states.includes('held')) take(await connection.rows(held, conditions));
  if (FAILED_STATES.some((state) => states.includes(state))) take(await connection.rows(listed, conditions));
  return found;
}

function conditionsOf({ states = DELIVERY_STATES, since, before, replayed, limit }: DeliveryQuery): Conditions {
  const asked = (state: DeliveryState) => (states.includes(state) ? state : null);
  return {
    held: asked('held'),
    pending: asked('pending'),
    sending: asked('sending'),
    sent: asked('sent'),
    merged: asked('merged'),
    superseded: asked('superseded'),
    dead: asked('dead'),
    parked: asked('parked'),
    dismissed: asked('dismissed'),
    since: since ?? 0,
    before: before ?? Number.MAX_SAFE_INTEGER,
    replayed: replayed === false ? 0 : 1,
    limit,
  };
}

function matching<P extends Conditions>(param: Param<P>, { db }: For) {
  return db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.seq', 'deliveries.event_seq')
    .select(['deliveries.seq', 'event_seq', 'lane', 'route', 'target', 'state', 'attempts', 'accepted_at'])
    .select(['updated_at', 'due_at', 'doubt_since', 'group_seq', 'reason_code', 'reason', 'channel', 'ts'])
    .select(['replay', 'replayed_as', 'dismissed_by', 'dismissal'])
    .select(['events.id', 'source', 'topic', 'subject', 'received_at'])
    .where(
      'state',
      'in',
      DELIVERY_STATES.map((state) => param(state)),
    )
    .where('accepted_at', '>=', param('since'))
    .where('deliveries.seq', '<', param('before'))
    .where(sql<SqlBool>`(${NOT_REPLAYED} or ${param('replayed')} = 1)`)
    .orderBy('deliveries.seq', 'desc')
    .limit(param('limit'));
}

/**
 * Asked for their numbers first, like the held ones: the indexes know them by lane or by time, and SQLite would rather
 * walk through everything.
 */
const unfinished = statement<Conditions, Row>((param, target) =>
  matching(param, target).where(
    'deliveries.seq',
    'in',
    target.db.selectFrom('deliveries').select('seq').where(UNFINISHED),
  ),
);

const held = statement<Conditions, Row>((param, target) =>
  matching(param, target).where('deliveries.seq', 'in', target.db.selectFrom('deliveries').select('seq').where(HELD)),
);

const listed = statement<Conditions, Row>((param, target) => matching(param, target).where(LISTED));

type OfSeq = Conditions & { readonly seq: number };

/** Through all there are, from the newest down to `seq`. */
const walk = statement<OfSeq, Row>((param, target) =>
  matching(param, target).where('deliveries.seq', '>=', param('seq')),
);

const one = statement<OfSeq, Row>((param, target) =>
  matching(param, target).where('deliveries.seq', '=', param('seq')),
);

const ofEvent = statement<OfSeq, Row>((param, target) => matching(param, target).where('event_seq', '=', param('seq')));

/** The first that was accepted since. */
const first = statement<Conditions, { seq: number | null }>((param, { db }) =>
  db.selectFrom('deliveries').select(FIRST).where('accepted_at', '>=', param('since')),
);
