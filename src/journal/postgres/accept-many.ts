/**
 * `accept` for all the events that share a commit, in a handful of statements however many they are. Where instances
 * accept at the same time, what they lock is locked in one order by all of them: keys, thresholds, lanes, each sorted.
 */
import type { ThresholdHit } from '../../core/delivery.ts';
import { faultPoint } from '../../core/fault-point.ts';
import type { Connection } from '../operation.ts';
import {
  type Acceptance,
  DUPLICATE,
  eventRow,
  type NewDelivery,
  type NewEvent,
  newDeliveryRow,
  type SeenRow,
  seenRows,
} from '../operations/accept.ts';
import { countOccurrence } from '../operations/count-occurrence.ts';
import { eventRows, lockThresholds, markReported, rowsJson, storeDeliveries, storeFresh } from './accept-statements.ts';
import { keyText } from './text.ts';

export interface AcceptMany {
  readonly events: readonly NewEvent[];
  /** Called with the lanes in which something is sent as soon as it is stored, sorted, each once. Never with none. */
  readonly beforeSending: (lanes: readonly string[]) => Promise<void>;
}

/** Bodies of one statement, in bytes together, unless there is but one. */
const BODIES_AT_ONCE = 16 * 1024 ** 2;

interface Fresh {
  readonly entering: NewEvent;
  readonly eventSeq: number;
}

/** A delivery that is made. */
interface Made {
  readonly of: Fresh;
  readonly delivery: NewDelivery;
  readonly hit: ThresholdHit | null;
}

export async function acceptMany(
  connection: Connection,
  { events, beforeSending }: AcceptMany,
): Promise<readonly Acceptance[]> {
  const fresh: Fresh[] = [];
  for (const part of partsOf(events)) fresh.push(...(await storePart(connection, part)));
  const hits = await countAll(connection, fresh);
  const made = fresh.flatMap((one) => madeOf(one, hits));
  const { seqs, claimable } = await storeMade(connection, made);
  const reported = fresh.flatMap(({ entering }) => entering.reports ?? []).sort((a, b) => a - b);
  if (reported.length > 0) await connection.changes(markReported, { seqs: reported });
  const sending = lanesOf(made, ({ state }) => state === 'sending');
  if (sending.length > 0) await beforeSending(sending);
  const unfinished = lanesOf(made, ({ state }) => state === 'pending' || state === 'sending');
  const rest = unfinished.filter((lane) => !claimable.has(lane));
  if (rest.length > 0) await connection.enqueue(rest);
  for (const _ of fresh) faultPoint('accept.before-commit');
  return acceptancesOf(events, fresh, new Map(made.map(({ delivery }, index) => [delivery, numberAt(seqs, index)])));
}

/** Stores the events none of whose keys the database knows, nor an earlier one of them has. */
async function storePart(connection: Connection, events: readonly NewEvent[]): Promise<Fresh[]> {
  const first = new Map<string, SeenRow & { readonly event: number }>();
  const repeats = new Set<number>();
  for (const [event, entering] of events.entries()) {
    for (const { source, key, ...row } of seenRows(entering)) {
      const kept = { ...row, source: keyText(source), key: keyText(key), event };
      const known = first.get(nameOf(kept));
      if (known === undefined) first.set(nameOf(kept), kept);
      else if (known.event !== event) repeats.add(event);
    }
  }
  const sorted = [...first].sort(([one], [other]) => (one < other ? -1 : 1));
  const keys = sorted.map(([, { event, ...row }]) => ({ ...row, n: repeats.has(event) ? -1 : event }));
  const rows = events.flatMap((entering, n) => (repeats.has(n) ? [] : { ...eventRow(entering), n }));
  const stored = await connection.rows(storeFresh, { keys: rowsJson(keys), ...eventRows(rows) });
  return stored.flatMap(({ n, seq }) => {
    const entering = events[n];
    return entering === undefined ? [] : { entering, eventSeq: seq };
  });
}

/** The numbers of the deliveries, in their order, and the lanes that will be claimed without anything more. */
async function storeMade(connection: Connection, made: readonly Made[]) {
  const seqs: number[] = [];
  const claimable = new Set<string>();
  if (made.length === 0) return { seqs, claimable };
  for (const { seq, lane } of await connection.rows(storeDeliveries, { rows: deliveryRows(made) })) {
    if (seq === null) claimable.add(keyText(lane));
    else seqs.push(seq);
  }
  // Rows are numbered in the order in which the statement gives them; beside them others number theirs.
  return { seqs: seqs.sort((a, b) => a - b), claimable };
}

/** By number of the event and key of the threshold. */
type Hits = Map<number, ReadonlyMap<string, ThresholdHit | null>>;

/** What was counted by event and key, where that is worth a delivery. An event is one occurrence of a key. */
async function countAll(connection: Connection, fresh: readonly Fresh[]): Promise<Hits> {
  const hits: Hits = new Map();
  const keys = fresh.flatMap(({ entering }) => entering.deliveries.flatMap(({ threshold }) => threshold?.key ?? []));
  if (keys.length === 0) return hits;
  await connection.rows(lockThresholds, { keys: sortedOnce(keys.map(keyText)) });
  for (const { entering, eventSeq } of fresh) {
    const counted = new Map<string, ThresholdHit | null>();
    hits.set(eventSeq, counted);
    for (const { threshold } of entering.deliveries) {
      if (threshold === undefined || counted.has(threshold.key)) continue;
      const occurrence = { threshold, at: entering.receivedAt, eventSeq };
      counted.set(threshold.key, await countOccurrence(connection, occurrence));
    }
  }
  return hits;
}

/** Those that wait for no threshold, or whose threshold was reached. */
function madeOf(of: Fresh, hits: Hits): Made[] {
  return of.entering.deliveries.flatMap((delivery) => {
    const { threshold } = delivery;
    const hit = threshold === undefined ? null : (hits.get(of.eventSeq)?.get(threshold.key) ?? null);
    return threshold === undefined || hit !== null ? [{ of, delivery, hit }] : [];
  });
}

function deliveryRows(made: readonly Made[]): string {
  return rowsJson(
    made.map(({ of: { entering, eventSeq }, delivery, hit }, n) => {
      const row = newDeliveryRow(delivery, entering, eventSeq, hit);
      return { ...row, n, lane: keyText(row.lane) };
    }),
  );
}

function lanesOf(made: readonly Made[], those: (delivery: NewDelivery) => boolean): string[] {
  return sortedOnce(made.flatMap(({ delivery }) => (those(delivery) ? keyText(delivery.lane) : [])));
}

function acceptancesOf(
  events: readonly NewEvent[],
  fresh: readonly Fresh[],
  seqs: ReadonlyMap<NewDelivery, number>,
): Acceptance[] {
  const accepted = new Map(fresh.map(({ entering, eventSeq }) => [entering, eventSeq]));
  return events.map((entering) => {
    const eventSeq = accepted.get(entering);
    if (eventSeq === undefined) return DUPLICATE;
    return { kind: 'accepted', eventSeq, seqs: entering.deliveries.map((delivery) => seqs.get(delivery) ?? null) };
  });
}

function partsOf(events: readonly NewEvent[]): NewEvent[][] {
  const parts: NewEvent[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entering of events) {
    bytes += entering.body.byteLength;
    if (bytes <= BODIES_AT_ONCE) parts.at(-1)?.push(entering);
    else {
      parts.push([entering]);
      bytes = entering.body.byteLength;
    }
  }
  return parts;
}

function numberAt(seqs: readonly number[], index: number): number {
  const seq = seqs[index];
  if (seq === undefined) throw new Error('the database returned no number for a stored row');
  return seq;
}

function nameOf({ source, key }: Pick<SeenRow, 'source' | 'key'>): string {
  return JSON.stringify([source, key]);
}

function sortedOnce(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
