/** What a replay or a dismissal is asked for, found in the journal page by page: oldest first, so that replays keep their order. */
import { FAILED_STATES } from '../core/delivery.ts';
import type { DeliveryQuery, DeliveryRecord, Journal, StoredEvent } from '../journal/contract.ts';
import { SKIPPED, type Skip } from './replay-skips.ts';

/** Events whose bodies are in memory at once. */
const PAGE = 100;
/** Events that share one id, as several sources or a key that came again after its time can make them. */
const NAMESAKES = 100;

/** Which events and deliveries. All conditions given must hold, and one must be given. */
export interface Selection {
  /** Numbers of deliveries, and ids of events: a number that no delivery has is taken as an event's id. */
  readonly ids?: readonly string[] | undefined;
  /** The sender's ids of events, or the relay's numbers of them. */
  readonly events?: readonly string[] | undefined;
  readonly states?: readonly (typeof FAILED_STATES)[number][] | undefined;
  /** ms since the epoch: accepted then or later. */
  readonly since?: number | undefined;
  /** By these routes. With `routes` or `codes`, and no states, only dead and parked deliveries. */
  readonly routes?: readonly string[] | undefined;
  /** With one of these reasons. */
  readonly codes?: readonly string[] | undefined;
}

/** One event, and what of it. */
export interface Selected {
  readonly eventSeq: number;
  /** Null: all of it. */
  readonly numbers: ReadonlySet<number> | null;
}

export type SelectionJournal = Pick<Journal, 'events' | 'deliveries'>;

/** What is found not to belong to the selection. */
export interface SelectionNotes {
  readonly unknown: (id: string) => void;
  readonly skip: (skip: Skip) => void;
  /** Why a delivery that was named is not of the selection, where more can be said than that. */
  readonly whyLeftOut?: (record: DeliveryRecord) => Omit<Skip, 'delivery'>;
}

export function select(
  selection: Selection,
  journal: SelectionJournal,
  notes: SelectionNotes,
): AsyncIterable<readonly Selected[]> {
  const { ids = [], events = [], since, routes, codes } = selection;
  const narrowed = routes !== undefined || codes !== undefined;
  const given = selection.states ?? [];
  const states = given.length > 0 ? given : narrowed ? FAILED_STATES : undefined;
  if (ids.length + events.length > 0) return selectIds({ ...selection, ids, events, states }, journal, notes);
  return states === undefined ? selectEvents(since ?? 0, journal) : selectListed({ ...selection, states }, journal);
}

function isWanted({ route, reason }: DeliveryRecord, { routes, codes }: Selection): boolean {
  return (routes?.includes(route) ?? true) && (codes?.includes(reason?.code ?? '') ?? true);
}

async function* selectIds(
  selection: Selection & Required<Pick<Selection, 'ids' | 'events'>>,
  journal: SelectionJournal,
  notes: SelectionNotes,
): AsyncGenerator<readonly Selected[]> {
  const { ids, events, states, since = 0 } = selection;
  for (const id of new Set(ids)) {
    const record = await deliveryOf(id, journal);
    if (record !== null) {
      const { seq, eventSeq, acceptedAt } = record;
      const stated = states === undefined || states.some((state) => state === record.state);
      if (stated && acceptedAt >= since && isWanted(record, selection)) {
        yield [{ eventSeq, numbers: new Set([seq]) }];
      } else notes.skip({ ...(notes.whyLeftOut?.(record) ?? SKIPPED.leftOut()), delivery: seq });
    } else yield* selectOf(id, await journal.events({ id, limit: NAMESAKES }), { selection, journal, notes });
  }
  for (const id of new Set(events)) yield* selectOf(id, await eventsOf(id, journal), { selection, journal, notes });
}

interface Selecting {
  readonly selection: Selection;
  readonly journal: SelectionJournal;
  readonly notes: SelectionNotes;
}

/** Of these events, which have one id. */
async function* selectOf(
  id: string,
  events: readonly StoredEvent[],
  { selection, journal, notes }: Selecting,
): AsyncGenerator<readonly Selected[]> {
  const { states, since = 0 } = selection;
  if (events.length === 0) notes.unknown(id);
  const recent = events.filter(({ event }) => Date.parse(event.received_at) >= since);
  if (recent.length < events.length) notes.skip({ ...SKIPPED.leftOut(), delivery: null });
  if (states === undefined) yield recent.map(({ seq }) => ({ eventSeq: seq, numbers: null }));
  else if (recent.length > 0) {
    const eventSeqs = recent.map(({ seq }) => seq);
    const records = await allDeliveries({ eventSeqs, states, replayed: false }, journal);
    yield groupedByEvent(records.filter((record) => isWanted(record, selection)));
  }
}

/** The events with this id of the sender's, or else with this number. */
export async function eventsOf(id: string, journal: Pick<Journal, 'events'>): Promise<StoredEvent[]> {
  const events = await journal.events({ id, limit: NAMESAKES });
  if (events.length > 0 || !/^\d{1,15}$/.test(id)) return events;
  return journal.events({ seqs: [Number(id)], limit: 1 });
}

async function deliveryOf(id: string, journal: SelectionJournal): Promise<DeliveryRecord | null> {
  if (!/^\d{1,15}$/.test(id)) return null;
  const [record] = await journal.deliveries({ seqs: [Number(id)], limit: 1 });
  return record ?? null;
}

/** The journal gives the newest first. So it is walked through once for where the pages begin, which are then read. */
async function* selectListed(
  selection: Selection & Required<Pick<DeliveryQuery, 'states'>>,
  journal: SelectionJournal,
): AsyncGenerator<readonly Selected[]> {
  const { states, since } = selection;
  const query = { states, ...(since !== undefined && { since }), replayed: false, limit: PAGE };
  const ends: number[] = [];
  for (let page = await journal.deliveries(query); page.length > 0; ) {
    const [newest] = page;
    const oldest = page.at(-1);
    if (newest !== undefined) ends.push(newest.seq + 1);
    page = page.length < PAGE ? [] : await journal.deliveries({ ...query, before: oldest?.seq ?? 0 });
  }
  for (const before of ends.toReversed()) {
    const page = await journal.deliveries({ ...query, before });
    yield groupedByEvent(page.filter((record) => isWanted(record, selection)));
  }
}

async function* selectEvents(since: number, journal: SelectionJournal): AsyncGenerator<readonly Selected[]> {
  for (let after = 0, full = true; full; ) {
    const page = await journal.events({ since, after, limit: PAGE });
    yield page.map(({ seq }) => ({ eventSeq: seq, numbers: null }));
    after = page.at(-1)?.seq ?? after;
    full = page.length === PAGE;
  }
}

function groupedByEvent(newestFirst: readonly DeliveryRecord[]): readonly Selected[] {
  const groups = Map.groupBy(newestFirst.toReversed(), ({ eventSeq }) => eventSeq);
  return [...groups].map(([eventSeq, records]) => ({ eventSeq, numbers: new Set(records.map(({ seq }) => seq)) }));
}

/** Newest first, however many there are: for the deliveries of a few events. */
export async function allDeliveries(
  query: Omit<DeliveryQuery, 'limit' | 'before'>,
  journal: Pick<Journal, 'deliveries'>,
): Promise<DeliveryRecord[]> {
  const limit = 1000;
  const found: DeliveryRecord[] = [];
  for (let before: number | undefined; ; before = found.at(-1)?.seq) {
    const page = await journal.deliveries({ ...query, limit, ...(before !== undefined && { before }) });
    found.push(...page);
    if (page.length < limit) return found;
  }
}
