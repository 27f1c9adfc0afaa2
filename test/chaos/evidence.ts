/** What the checker is given: plain data from the senders, the service and the workspace. */
import type { DeliveryAccount } from '../../src/relay/account.ts';
import type { LedgerEntry } from './ledger.ts';
import { type Owed, owedFor, type Route, readMessage } from './scenery.ts';
import { byAge, type Sighting } from './witness.ts';

export interface Evidence {
  readonly ledger: readonly LedgerEntry[];
  readonly account: readonly DeliveryAccount[];
  readonly sightings: readonly Sighting[];
  /** What the account said before some lives pruned it: which deliveries there were, not what became of them. */
  readonly former: readonly DeliveryAccount[];
}

export interface Violation {
  readonly kind: 'lost' | 'duplicated' | 'out of order' | 'unaccounted';
  /** The sender's id of the event it is about; null where it is about none. */
  readonly event: string | null;
  readonly expected: string;
  readonly found: string;
  readonly deliveries: readonly DeliveryAccount[];
}

/**
 * What the account says of one delivery. `vanished`: it was listed and is pruned, so it must have ended well. `not owed`: the
 * event was never accepted as far as anybody can tell.
 */
type Fate = DeliveryAccount['state'] | 'vanished' | 'not owed' | 'unlisted';

/** One delivery of one event: what was owed, what is said of it. */
export interface Duty extends Owed {
  readonly entry: LedgerEntry;
  readonly fate: Fate;
  /** Every row about it, oldest first: the first attempt, then replays. */
  readonly rows: readonly DeliveryAccount[];
  /** The same with what was pruned since. */
  readonly everyRow: readonly DeliveryAccount[];
  /** Where its messages are. */
  readonly seen: readonly Sighting[];
}

export interface Case {
  readonly duties: readonly Duty[];
  readonly entryOf: (event: number) => LedgerEntry | undefined;
  readonly dutyOf: (event: number, route: Route) => Duty | undefined;
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
      const fate = fateOf(mine) ?? (all.length > 0 ? 'vanished' : unlistedFate(entry, listed));
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
  const byKey = new Map(duties.map((duty) => [`${duty.entry.event.number} ${duty.route}`, duty]));
  return {
    duties,
    entryOf: (event) => entries.get(event),
    dutyOf: (event, route) => byKey.get(`${event} ${route}`),
    sightingAt: (conversation, ts) => places.get(`${conversation} ${ts}`),
    cards: groupCards(evidence.sightings),
    evidence,
  };
}

/** By event and route, oldest first. */
function groupRows(rows: readonly DeliveryAccount[]): Map<string, DeliveryAccount[]> {
  const inOrder = rows.toSorted((a, b) => a.delivery - b.delivery);
  return Map.groupBy(inOrder, ({ event, route }) => `${event.id} ${route}`);
}

/** Null where no row says it: there is none, or it was replayed and the replay's row is gone. */
function fateOf(rows: readonly DeliveryAccount[]): Fate | null {
  const last = rows.at(-1);
  return last === undefined || last.replayed_as !== null ? null : last.state;
}

/** An event is listed with everything it owes, or not at all. */
function unlistedFate({ acceptedAt, event }: LedgerEntry, listed: ReadonlySet<string>): Fate {
  return acceptedAt === null && !listed.has(event.id) ? 'not owed' : 'unlisted';
}

/** By kind and event, of every text a message ever showed: a card belongs to each event it has shown. */
function groupSightings(sightings: readonly Sighting[]): Map<string, Sighting[]> {
  const groups = new Map<string, Set<Sighting>>();
  for (const sighting of sightings) {
    for (const text of sighting.texts) {
      const said = readMessage(text);
      if (said === null) continue;
      const key = `${said.kind} ${said.event}`;
      const group = groups.get(key) ?? new Set();
      groups.set(key, group.add(sighting));
    }
  }
  return new Map([...groups].map(([key, group]) => [key, [...group]]));
}

function groupCards(sightings: readonly Sighting[]): Map<string, Sighting[]> {
  const cards = sightings.flatMap((sighting) => {
    const subject = sighting.threadTs === null ? subjectOf(sighting) : null;
    return subject === null ? [] : [{ sighting, key: cardKey(sighting.conversation, subject) }];
  });
  const groups = Map.groupBy(cards, ({ key }) => key);
  return new Map([...groups].map(([key, group]) => [key, group.map(({ sighting }) => sighting).toSorted(byAge)]));
}

/** Whose card or bare thread root it is; null for anything else. */
export function subjectOf({ texts }: Sighting): string | null {
  for (const text of texts) {
    const said = readMessage(text);
    if (said?.kind === 'card' || said?.kind === 'root') return said.subject;
  }
  return null;
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
