/**
 * `accept` for all the events that share a commit, in a handful of statements however many they are. Where instances
 * accept at the same time, what they lock is locked in one order by all of them: keys, thresholds, lanes, each sorted.
 */
import type { DatabaseConnection, Kysely } from 'kysely';
import type { Storm } from '../../core/delivery.ts';
import { faultPoint } from '../../core/fault-point.ts';
import { keysOf } from '../flat.ts';
import { countOccurrenceWith } from '../operations/thresholds.ts';
import type { AcceptedRow } from '../rows.ts';
import type { Tables } from '../schema.ts';
import type { SharedDatabase } from '../sql-store.ts';
import type { DeliveryEntry, Entry } from '../store.ts';
import { acceptStatements, eventRows, type NewDelivery, rowsJson } from './accept-statements.ts';
import { keptText } from './text.ts';

interface LanesOf {
  /** Sorted, each once. */
  readonly unfinished: readonly string[];
  /** Those of them in which something is sent as soon as it is stored. */
  readonly sending: readonly string[];
}

/** Called last, where something unfinished is stored. */
type OnLanes = (connection: DatabaseConnection, lanes: LanesOf) => Promise<void>;

/** Bodies of one statement, in bytes together, unless there is but one. */
const BODIES_AT_ONCE = 16 * 1024 ** 2;

interface Fresh {
  readonly entry: Entry;
  readonly eventSeq: number;
}

/** A delivery that is made. */
interface Made {
  readonly of: Fresh;
  readonly delivery: DeliveryEntry;
  readonly storm: Storm | null;
}

export function acceptManyWith(db: Kysely<Tables>, onLanes: OnLanes): SharedDatabase['acceptMany'] {
  const { remember, storeEvents, lockThresholds, storeDeliveries, markReported } = acceptStatements(db);
  const countOccurrence = countOccurrenceWith(db);

  /** The events none of whose keys the database knows, nor an earlier one of them has, in the order in which they came. */
  async function claimKeys(connection: DatabaseConnection, entries: readonly Entry[]): Promise<Entry[]> {
    const claims = entries.flatMap((entry) => keysOf(entry).map((key) => ({ entry, key, name: nameOf(key) })));
    const first = new Map<string, (typeof claims)[number]>();
    for (const claim of claims) if (!first.has(claim.name)) first.set(claim.name, claim);
    const sorted = sortedOnce([...first.keys()]).flatMap((name) => first.get(name)?.key ?? []);
    const rows = sorted.map(({ source, key, keepUntil, receivedAt }) => ({
      source,
      key,
      until: keepUntil,
      at: receivedAt,
    }));
    const remembered = await remember.rows(connection, { rows: rowsJson(rows) });
    const ours = new Set(remembered.map(({ source, key }) => nameOf({ source: keptText(source), key: keptText(key) })));
    // Or an event would be forgotten whose key is remembered.
    if (![...ours].every((name) => first.has(name)))
      throw new Error('the database remembered another key than it was given');
    const known = new Set(
      claims.filter(({ entry, name }) => !ours.has(name) || first.get(name)?.entry !== entry).map(({ entry }) => entry),
    );
    return entries.filter((entry) => !known.has(entry));
  }

  async function storeAll(connection: DatabaseConnection, entries: readonly Entry[]): Promise<Fresh[]> {
    const fresh: Fresh[] = [];
    for (const part of partsOf(entries)) {
      const seqs = numbersOf(await storeEvents.rows(connection, eventRows(part)));
      fresh.push(...part.map((entry, index) => ({ entry, eventSeq: numberAt(seqs, index) })));
    }
    return fresh;
  }

  /** What was counted by event and key, where that is worth a delivery. An event is one occurrence of a key. */
  async function countAll(connection: DatabaseConnection, fresh: readonly Fresh[]): Promise<Storms> {
    const storms: Storms = new Map();
    const keys = fresh.flatMap(({ entry }) => entry.deliveries.flatMap(({ threshold }) => threshold?.key ?? []));
    if (keys.length === 0) return storms;
    await lockThresholds.rows(connection, { keys: sortedOnce(keys) });
    for (const { entry, eventSeq } of fresh) {
      const counted = new Map<string, Storm | null>();
      storms.set(eventSeq, counted);
      for (const { threshold } of entry.deliveries) {
        if (threshold === null || counted.has(threshold.key)) continue;
        counted.set(threshold.key, await countOccurrence(connection, { threshold, at: entry.receivedAt, eventSeq }));
      }
    }
    return storms;
  }

  return async (connection, entries) => {
    const fresh = await storeAll(connection, await claimKeys(connection, entries));
    const storms = await countAll(connection, fresh);
    const made = fresh.flatMap((one) => madeOf(one, storms));
    const rows = rowsJson(made.map(deliveryRow));
    const seqs = made.length === 0 ? [] : numbersOf(await storeDeliveries.rows(connection, { rows }));
    const reported = fresh.flatMap(({ entry }) => entry.reports).sort((a, b) => a - b);
    if (reported.length > 0) await markReported.changes(connection, { seqs: reported });
    const lanes = lanesOf(made);
    if (lanes.unfinished.length > 0) await onLanes(connection, lanes);
    for (const _ of fresh) faultPoint('accept.before-commit');
    return answersTo(entries, fresh, new Map(made.map(({ delivery }, index) => [delivery, numberAt(seqs, index)])));
  };
}

/** By number of the event and key of the threshold. */
type Storms = Map<number, ReadonlyMap<string, Storm | null>>;

/** Those that wait for no threshold, or whose threshold was reached. */
function madeOf(of: Fresh, storms: Storms): Made[] {
  return of.entry.deliveries.flatMap((delivery) => {
    const { threshold } = delivery;
    const storm = threshold === null ? null : (storms.get(of.eventSeq)?.get(threshold.key) ?? null);
    return threshold === null || storm !== null ? [{ of, delivery, storm }] : [];
  });
}

function deliveryRow({ of, delivery, storm }: Made, n: number): NewDelivery {
  const { lane, route, target, state, heldUntil } = delivery;
  const at = of.entry.receivedAt;
  return {
    ...{ n, event_seq: of.eventSeq, lane, route, target, state, at },
    due: heldUntil ?? at,
    attempted: state === 'sending' ? at : null,
    storm_count: storm?.count ?? null,
    storm_since: storm?.since ?? null,
    reason_code: delivery.reasonCode,
    reason: delivery.reason,
  };
}

function lanesOf(made: readonly Made[]): LanesOf {
  const unfinished = made.flatMap(({ delivery: { state, lane } }) =>
    state === 'held' || state === 'dead' ? [] : lane,
  );
  const sending = made.flatMap(({ delivery: { state, lane } }) => (state === 'sending' ? lane : []));
  return { unfinished: sortedOnce(unfinished), sending: sortedOnce(sending) };
}

function answersTo(
  entries: readonly Entry[],
  fresh: readonly Fresh[],
  seqs: ReadonlyMap<DeliveryEntry, number>,
): (AcceptedRow | null)[] {
  const accepted = new Map(fresh.map(({ entry, eventSeq }) => [entry, eventSeq]));
  return entries.map((entry) => {
    const eventSeq = accepted.get(entry);
    if (eventSeq === undefined) return null;
    return { eventSeq, seqs: entry.deliveries.map((delivery) => seqs.get(delivery) ?? null) };
  });
}

function partsOf(entries: readonly Entry[]): Entry[][] {
  const parts: Entry[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    bytes += entry.body.byteLength;
    if (bytes <= BODIES_AT_ONCE) parts.at(-1)?.push(entry);
    else {
      parts.push([entry]);
      bytes = entry.body.byteLength;
    }
  }
  return parts;
}

/** Rows are numbered in the order in which the statement gives them; beside them others number theirs. */
function numbersOf(rows: readonly { readonly seq: number }[]): number[] {
  return rows.map(({ seq }) => seq).sort((a, b) => a - b);
}

function numberAt(seqs: readonly number[], index: number): number {
  const seq = seqs[index];
  if (seq === undefined) throw new Error('the database returned no number for a stored row');
  return seq;
}

function nameOf({ source, key }: Pick<Entry, 'source' | 'key'>): string {
  return JSON.stringify([source, key]);
}

function sortedOnce(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
