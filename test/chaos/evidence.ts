/** What the checker is given: plain data from the senders, the service and the workspace. */
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';
import type { LedgerEntry } from './ledger.ts';
import { heldUntil, type QuietWindow } from './quiet.ts';
import { factsOf, type Mode, type Owed, owedFor, type Route } from './scenery.ts';
import { isCardKind, readStatement, type Statement, statementsOf } from './statements.ts';
import { byAge, type Sighting } from './witness.ts';

export interface Evidence {
  readonly mode: Mode;
  /** Processes that shared the journal. */
  readonly instances: number;
  /** In order. */
  readonly quiet: readonly QuietWindow[];
  /** ms since the epoch: when lives began to prune, and forgot what thresholds had counted. */
  readonly prunedAt: readonly number[];
  readonly ledger: readonly LedgerEntry[];
  readonly account: readonly DeliveryOutcome[];
  readonly sightings: readonly Sighting[];
  /** What the account said before some lives pruned it: which deliveries there were, not what became of them. */
  readonly former: readonly DeliveryOutcome[];
}

export interface Violation {
  readonly kind: 'lost' | 'duplicated' | 'out of order' | 'too early' | 'unaccounted';
  /** The sender's id of the event it is about; null where it is about none. */
  readonly event: string | null;
  readonly expected: string;
  readonly found: string;
  readonly deliveries: readonly DeliveryOutcome[];
}

/**
 * What the account says of one delivery. `vanished`: it was listed and is pruned, so it must have ended well. `not owed`: the
 * event was never accepted as far as anybody can tell. `counted`: a threshold counted it, and nothing was made of it.
 */
type Fate = DeliveryOutcome['state'] | 'vanished' | 'not owed' | 'counted' | 'unlisted';

/** A statement, and the message that makes it. */
interface Telling {
  readonly sighting: Sighting;
  readonly said: Statement;
}

/** One delivery of one event: what was owed, what is said of it. */
export interface Duty extends Owed {
  readonly entry: LedgerEntry;
  readonly fate: Fate;
  /** Every row about it, oldest first: the first attempt, then replays. */
  readonly rows: readonly DeliveryOutcome[];
  /** The same with what was pruned since. */
  readonly everyRow: readonly DeliveryOutcome[];
  /**
   * Where it is told: once for each message that ever showed it, and for each line or text of a message for several. A
   * thread's root that a reply brought along does not tell it.
   */
  readonly seen: readonly Telling[];
}

export interface Case {
  readonly duties: readonly Duty[];
  readonly entryOf: (event: number) => LedgerEntry | undefined;
  readonly dutyOf: (event: number, route: Route) => Duty | undefined;
  readonly dutiesOf: (event: number) => readonly Duty[];
  /** The message there, deleted or not. */
  readonly sightingAt: (conversation: string, ts: string | null) => Sighting | undefined;
  /** By conversation and subject: every card and bare thread root there was, oldest first. */
  readonly cards: ReadonlyMap<string, readonly Sighting[]>;
  readonly evidence: Evidence;
}

/** The key of `Case.cards`. */
export function cardKey(conversation: string, subject: string): string {
  return `${conversation} ${subject}`;
}

/** Puts together what belongs together. */
export function prepareCase(evidence: Evidence): Case {
  const numbers = new Set(evidence.account.map(({ delivery }) => delivery));
  // As it was seen last.
  const former = new Map(evidence.former.map((row) => [row.delivery, row]));
  const gone = [...former.values()].filter(({ delivery }) => !numbers.has(delivery));
  const rows = groupRows(evidence.account);
  const everyRow = groupRows([...evidence.account, ...gone]);
  const listed = new Set([...evidence.account, ...gone].map(({ event }) => event.id));
  const seen = groupSightings(evidence.sightings);
  const entries = new Map(evidence.ledger.map((entry) => [entry.event.number, entry]));
  const duties = evidence.ledger.flatMap((entry) =>
    owedFor(entry.event).map((owed): Duty => {
      const key = `${entry.event.id} ${owed.route}`;
      const mine = rows.get(key) ?? [];
      const all = everyRow.get(key) ?? [];
      const fate = fateOf(mine) ?? (all.length > 0 ? 'vanished' : unlistedFate(owed.route, entry, listed));
      return {
        ...owed,
        entry,
        fate,
        rows: mine,
        everyRow: all,
        seen: seen.get(`${owed.route} ${entry.event.number}`) ?? [],
      };
    }),
  );
  const places = new Map(evidence.sightings.map((it) => [`${it.conversation} ${it.ts}`, it]));
  const byEvent = Map.groupBy(duties, ({ entry }) => entry.event.number);
  const byKey = new Map(duties.map((duty) => [`${duty.entry.event.number} ${duty.route}`, duty]));
  return {
    duties,
    entryOf: (event) => entries.get(event),
    dutyOf: (event, route) => byKey.get(`${event} ${route}`),
    dutiesOf: (event) => byEvent.get(event) ?? [],
    sightingAt: (conversation, ts) => places.get(`${conversation} ${ts}`),
    cards: groupCards(evidence.sightings),
    evidence,
  };
}

/** By event and route, oldest first. */
function groupRows(rows: readonly DeliveryOutcome[]): Map<string, DeliveryOutcome[]> {
  const inOrder = rows.toSorted((a, b) => a.delivery - b.delivery);
  return Map.groupBy(inOrder, ({ event, route }) => `${event.id} ${route}`);
}

/** Null where no row says it: there is none, or it was replayed and the replay's row is gone. */
function fateOf(rows: readonly DeliveryOutcome[]): Fate | null {
  const last = rows.at(-1);
  return last === undefined || last.replayed_as !== null ? null : last.state;
}

/** An event is listed with everything it owes, or not at all. */
function unlistedFate(route: Route, { acceptedAt, event }: LedgerEntry, listed: ReadonlySet<string>): Fate {
  if (route === 'alarm') return listed.has(event.id) ? 'counted' : 'not owed';
  return acceptedAt === null && !listed.has(event.id) ? 'not owed' : 'unlisted';
}

/** By kind and event. */
function groupSightings(sightings: readonly Sighting[]): Map<string, Telling[]> {
  const groups = new Map<string, Telling[]>();
  for (const sighting of sightings) {
    for (const said of statementsOf(sighting)) {
      if (said === null) continue;
      const key = `${said.kind} ${said.event}`;
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      // An update may be repeated; a line may not.
      const repeated = sighting.together === null && group.at(-1)?.sighting === sighting;
      if (!repeated) group.push({ sighting, said });
    }
  }
  return groups;
}

function groupCards(sightings: readonly Sighting[]): Map<string, readonly Sighting[]> {
  const cards = sightings.flatMap((sighting) => {
    const subject = sighting.threadTs === null ? subjectOf(sighting) : null;
    return subject === null ? [] : [{ sighting, key: cardKey(sighting.conversation, subject) }];
  });
  const groups = Map.groupBy(cards, ({ key }) => key);
  return new Map([...groups].map(([key, group]) => [key, group.map(({ sighting }) => sighting).toSorted(byAge)]));
}

/** Whose card or bare thread root it is; null for anything else. */
export function subjectOf({ texts, together }: Sighting): string | null {
  if (together !== null) return null;
  for (const text of texts) {
    const said = readStatement(text);
    if (said !== null && isCardKind(said.kind)) return said.subject;
  }
  return null;
}

/** Whether it went out in a message for several, as the account says or said; null where it does not say. */
export function wasMerged({ fate, everyRow }: Pick<Duty, 'fate' | 'everyRow'>): boolean | null {
  if (fate !== 'vanished') return fate === 'merged';
  const { state, replayed_as } = everyRow.at(-1) ?? {};
  if (replayed_as !== null) return null;
  return state === 'merged' ? true : state === 'sent' || state === 'superseded' ? false : null;
}

/** The row that a message comes from; undefined where that cannot be told. */
export function rowBehind({ everyRow }: Pick<Duty, 'everyRow'>, { ts }: Sighting): DeliveryOutcome | undefined {
  return everyRow.findLast((row) => row.ts === ts) ?? (everyRow.length === 1 ? everyRow[0] : undefined);
}

/** ms since the epoch: not before `from`, and not after `until`. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** An instance may be stopped between receiving and storing; whoever was answered by then knows better. */
const STORED_WITHIN_MS = 30_000;

/** When a delivery was stored and numbered, as far as that can be told from outside of the service. */
export function storedWithin({ answeredAt }: LedgerEntry, row: DeliveryOutcome): Span {
  const from = Date.parse(row.accepted_at);
  if (row.replay) return { from, until: from + REPLAYED_WITHIN_MS };
  return { from, until: Math.min(answeredAt ?? Number.POSITIVE_INFINITY, from + STORED_WITHIN_MS) };
}

/** Slow replays: between what they plan by, and when they are stored. */
const REPLAYED_WITHIN_MS = 5_000;

/** Until when quiet hours held a delivery back, ms since the epoch; null: not at all. */
export type HeldUntil = number | null | 'unknown';

export function heldBack({ entry, route }: Duty, row: DeliveryOutcome, quiet: readonly QuietWindow[]): HeldUntil {
  if (factsOf(route).quiet !== true || entry.event.urgent) return null;
  const at = Date.parse(row.accepted_at);
  if (!row.replay) return heldUntil(quiet, at);
  const until = heldUntil(quiet, at);
  return until === heldUntil(quiet, at - REPLAYED_WITHIN_MS) ? until : 'unknown';
}

export function violation(
  kind: Violation['kind'],
  { entry, everyRow }: Pick<Duty, 'entry' | 'everyRow'>,
  { expected, found }: Pick<Violation, 'expected' | 'found'>,
): Violation {
  return { kind, event: entry.event.id, expected, found, deliveries: everyRow };
}

/** For people: where a message is. */
export function placeOf({ conversation, ts, threadTs, deleted }: Sighting): string {
  return `${conversation} ${ts}${threadTs === null ? '' : ` in thread ${threadTs}`}${deleted ? ' (deleted since)' : ''}`;
}
