import { type DatabaseConnection, type Kysely, type SqlBool, sql } from 'kysely';
import { DELIVERY_STATES, type DeliveryState, LISTED_STATES } from '../../core/delivery.ts';
import { type Hole, type Prepared, prepare } from '../prepared.ts';
import type { DeliveryQuery } from '../records.ts';
import type { RecordRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import { FIRST, HELD, LISTED, NOT_REPLAYED, UNFINISHED } from './conditions.ts';
import type { Handlers } from './handlers.ts';

/** There is no index of these: nearly all deliveries are in the first three. */
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

type Search = Prepared<Conditions, RecordRow>;
type SearchOf = Prepared<Conditions & { seq: number }, RecordRow>;

interface Searches {
  readonly unfinished: Search;
  readonly held: Search;
  readonly listed: Search;
  /** Through all there are, from the newest down to `seq`. */
  readonly walk: SearchOf;
  readonly one: SearchOf;
  readonly ofEvent: SearchOf;
  /** The first that was accepted since. */
  readonly first: Prepared<Conditions, { seq: number | null }>;
}

/**
 * What became of each delivery. What a caller leaves out becomes a condition that always holds, and a list becomes a
 * query for each of its items: so these are seven statements, whatever is asked.
 *
 * Known limit: those in a state that is rare among the ended ones (`merged`, `superseded`, `dismissed`) are found by walking through
 * the rest.
 */
export function accountHandlers(db: Kysely<Tables>): Pick<Handlers, 'deliveries'> {
  const searches = prepareSearches(db);
  return {
    deliveries: {
      writes: false,
      async run(connection, query) {
        const found = await search(connection, query, searches);
        return found.sort((a, b) => b.seq - a.seq).slice(0, query.limit);
      },
    },
  };
}

function prepareSearches(db: Kysely<Tables>): Searches {
  const matching = (hole: Hole<Conditions>) =>
    db
      .selectFrom('deliveries')
      .innerJoin('events', 'events.seq', 'deliveries.event_seq')
      .select(['deliveries.seq', 'event_seq', 'lane', 'route', 'target', 'state', 'attempts', 'accepted_at'])
      .select([
        'updated_at',
        'due_at',
        'doubt_since',
        'group_seq',
        'reason_code',
        'reason',
        'channel',
        'ts',
        'replay',
        'replayed_as',
        'dismissed_by',
        'dismissal',
      ])
      .select(['events.id', 'source', 'topic', 'subject', 'received_at'])
      .where(
        'state',
        'in',
        DELIVERY_STATES.map((state) => hole(state)),
      )
      .where('accepted_at', '>=', hole('since'))
      .where('deliveries.seq', '<', hole('before'))
      .where(sql<SqlBool>`(${NOT_REPLAYED} or ${hole('replayed')} = 1)`)
      .orderBy('deliveries.seq', 'desc')
      .limit(hole('limit'));
  return {
    // Asked for their numbers first: the indexes know them by lane or by time, and SQLite would rather walk through
    // everything.
    unfinished: prepare((hole) =>
      matching(hole).where('deliveries.seq', 'in', db.selectFrom('deliveries').select('seq').where(UNFINISHED)),
    ),
    held: prepare((hole) =>
      matching(hole).where('deliveries.seq', 'in', db.selectFrom('deliveries').select('seq').where(HELD)),
    ),
    listed: prepare((hole) => matching(hole).where(LISTED)),
    walk: prepare((hole) => matching(hole).where('deliveries.seq', '>=', hole('seq'))),
    one: prepare((hole) => matching(hole).where('deliveries.seq', '=', hole('seq'))),
    ofEvent: prepare((hole) => matching(hole).where('event_seq', '=', hole('seq'))),
    first: prepare((hole) => db.selectFrom('deliveries').select(FIRST).where('accepted_at', '>=', hole('since'))),
  };
}

/** Enough to hold the newest `limit`, in no order. */
async function search(connection: DatabaseConnection, query: DeliveryQuery, by: Searches): Promise<RecordRow[]> {
  const { seqs, eventSeqs, states = DELIVERY_STATES } = query;
  const conditions = conditionsOf(query);
  const found: RecordRow[] = [];
  const take = (rows: readonly RecordRow[]) => found.push(...rows);
  if (seqs !== undefined) {
    for (const seq of new Set(seqs)) take(await by.one.rows(connection, { ...conditions, seq }));
    return eventSeqs === undefined ? found : found.filter(({ event_seq }) => eventSeqs.includes(event_seq));
  }
  if (eventSeqs !== undefined) {
    for (const seq of new Set(eventSeqs)) take(await by.ofEvent.rows(connection, { ...conditions, seq }));
    return found;
  }
  if (UNINDEXED.some((state) => states.includes(state))) {
    const [first] = query.since === undefined ? [{ seq: 0 }] : await by.first.rows(connection, conditions);
    if (first !== undefined && first.seq !== null)
      take(await by.walk.rows(connection, { ...conditions, seq: first.seq }));
    return found;
  }
  if (states.includes('pending') || states.includes('sending')) take(await by.unfinished.rows(connection, conditions));
  if (states.includes('held')) take(await by.held.rows(connection, conditions));
  if (LISTED_STATES.some((state) => states.includes(state))) take(await by.listed.rows(connection, conditions));
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
