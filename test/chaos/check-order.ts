/**
 * Order, in two ways that know nothing of each other: by the numbers that the service gave to deliveries, and by what
 * the senders saw: what was answered before something else was sent first was accepted before it. Where several instances
 * give the numbers, those of events that were stored at the same time say nothing: a higher one may be there first.
 *
 * One by one, a conversation is one sequence, threads included. Merged, its channel and each of its threads is one: by
 * message, and within a digest by route and subject, as its lines are grouped. By design come late: what was held back,
 * behind what came meanwhile; a card or root that is posted anew because a person deleted the former one.
 */
import {
  type Case,
  cardKey,
  type Duty,
  type HeldUntil,
  heldBack,
  placeOf,
  rowBehind,
  type Span,
  storedWithin,
  subjectOf,
  type Violation,
} from './evidence.ts';
import type { LedgerEntry } from './ledger.ts';
import { FALLBACK_CHANNEL, factsOf } from './scenery.ts';
import { type Statement, statementsOf } from './statements.ts';
import { byAge, type Sighting } from './witness.ts';

export function checkOrder(known: Case): Violation[] {
  const { mode, sightings } = known.evidence;
  const places = Map.groupBy(
    sightings.filter(({ conversation }) => conversation !== FALLBACK_CHANNEL),
    ({ conversation, threadTs }) => (mode === 'merged' ? `${conversation} ${threadTs ?? ''}` : conversation),
  );
  return [...places.values()].flatMap((place) => {
    const messages = appearancesIn(place, known);
    const grouped = messages.flatMap((message) => [...Map.groupBy(message, groupOf).values()]);
    const within = grouped.filter((group) => group.length > 1).map((group) => group.map((appearance) => [appearance]));
    return [messages, ...within].flatMap((sequence) => [
      ...checkNumbers(sequence, known),
      ...checkTimes(sequence, known),
    ]);
  });
}

/** A statement's first appearance. */
interface Appearance {
  readonly sighting: Sighting;
  readonly said: Statement;
  readonly entry: LedgerEntry | undefined;
  readonly number: number | null;
  /** When it got its number; null: nobody can tell. */
  readonly stored: Span | null;
  readonly replayed: boolean;
  readonly heldUntil: HeldUntil;
}

/** Oldest message first; what is repeated is not its first appearance, and is judged elsewhere. */
function appearancesIn(sightings: readonly Sighting[], known: Case): Appearance[][] {
  const before = new Set<string>();
  return sightings.toSorted(byAge).map((sighting) => {
    const all = statementsOf(sighting);
    const first = sighting.together === null ? all.slice(0, 1) : all;
    return first.flatMap((said) => {
      if (said === null || before.has(`${said.kind} ${said.event}`) || isPostedAnew(sighting, known)) return [];
      before.add(`${said.kind} ${said.event}`);
      return [appearanceOf(said, sighting, known)];
    });
  });
}

/** In place of one that a person deleted. Posted singly, it is in order all the same. */
function isPostedAnew(sighting: Sighting, { evidence, cards }: Case): boolean {
  const subject = evidence.mode === 'merged' ? subjectOf(sighting) : null;
  const group = subject === null ? undefined : cards.get(cardKey(sighting.conversation, subject));
  return group?.some(({ deleted, ts }) => deleted && ts < sighting.ts) === true;
}

function appearanceOf(said: Statement, sighting: Sighting, known: Case): Appearance {
  const duty = dutyBehind(said, known);
  // For a card, the account names where it is now; what posted it is in the message alone.
  const ofCard = subjectOf(sighting) !== null;
  const row = ofCard
    ? duty?.everyRow.find(({ delivery }) => delivery === sighting.delivery)
    : duty && rowBehind(duty, sighting);
  return {
    sighting,
    said,
    entry: known.entryOf(said.event),
    number: row?.delivery ?? (sighting.together === null ? sighting.delivery : null),
    stored: duty === undefined || row === undefined ? null : storedWithin(duty.entry, row),
    replayed: duty?.everyRow.some(({ replay }) => replay) === true,
    heldUntil: duty === undefined || row === undefined ? null : heldBack(duty, row, known.evidence.quiet),
  };
}

/** A root comes with a reply. */
function dutyBehind({ kind, event }: Statement, { dutyOf, dutiesOf }: Case): Duty | undefined {
  return kind === 'root' ? dutiesOf(event).find(({ route }) => factsOf(route).verb === 'reply') : dutyOf(event, kind);
}

function groupOf({ said: { kind, subject }, sighting }: Appearance): string {
  return sighting.together?.kind === 'digest' ? `${kind} ${subject}` : '';
}

/** A root has the number of the reply that brought it. */
function checkNumbers(messages: readonly (readonly Appearance[])[], known: Case): Violation[] {
  const violations: Violation[] = [];
  const several = known.evidence.instances > 1;
  let standing: Appearance[] = [];
  for (const message of messages) {
    for (const late of message) {
      const early = standing.find((it) => isOvertaken(late, it) && !(several && overlap(late, it)));
      if (early !== undefined) violations.push(disorder(late, early, known));
    }
    standing = several ? standing.concat(message) : highestOf([...standing, ...message]);
  }
  return violations;
}

/** All that can be overtaken: of those released at the same time, and of those never held back, the highest number. */
function highestOf(appearances: readonly Appearance[]): Appearance[] {
  const numbered = appearances.filter(({ number }) => number !== null);
  const byRelease = Map.groupBy(numbered, ({ heldUntil }) => heldUntil);
  return [...byRelease.values()].map((group) => group.reduce((a, b) => ((b.number ?? 0) > (a.number ?? 0) ? b : a)));
}

/** What was held back, or may have been, may only be overtaken by what came meanwhile, or was released earlier. */
function isOvertaken(late: Appearance, early: Appearance): boolean {
  if (late.heldUntil === 'unknown') return false;
  if (late.number === null || early.number === null || late.number >= early.number) return false;
  return late.heldUntil === null || late.heldUntil === early.heldUntil;
}

function overlap({ stored: a }: Appearance, { stored: b }: Appearance): boolean {
  return a !== null && b !== null && a.from <= b.until && b.from <= a.until;
}

/** From the end: nothing may stand before something that was answered before it was sent. */
function checkTimes(messages: readonly (readonly Appearance[])[], known: Case): Violation[] {
  const violations: Violation[] = [];
  let earliest: Appearance | null = null;
  for (const message of messages.toReversed()) {
    let next: Appearance | null = earliest;
    for (const appearance of message) {
      const { entry, replayed, heldUntil } = appearance;
      // A replay goes out at the end of its lane, however old it is.
      if (entry === undefined || replayed) continue;
      const limit = earliest?.entry?.acceptedAt ?? Number.POSITIVE_INFINITY;
      if (earliest !== null && limit < entry.firstSentAt) violations.push(disorder(earliest, appearance, known));
      const lowest = next?.entry?.acceptedAt ?? Number.POSITIVE_INFINITY;
      if (entry.acceptedAt !== null && heldUntil === null && entry.acceptedAt < lowest) next = appearance;
    }
    earliest = next;
  }
  return violations;
}

function disorder(late: Appearance, early: Appearance, { evidence }: Case): Violation {
  const ids = new Set([late.entry?.event.id, early.entry?.event.id]);
  const told = ({ sighting, entry, number }: Appearance) =>
    `${entry?.event.id ?? 'a stranger'} (delivery ${number ?? 'unknown'}) at ${placeOf(sighting)}`;
  return {
    kind: 'out of order',
    event: late.entry?.event.id ?? null,
    expected: `${told(late)} stands before ${told(early)}`,
    found: 'the other way round',
    deliveries: evidence.account.filter(({ event }) => ids.has(event.id)),
  };
}
