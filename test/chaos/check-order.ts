/**
 * Order, in two ways that know nothing of each other: by the numbers that the service gave to deliveries, and by what
 * the senders saw: what was answered before something else was sent first was accepted before it.
 */

import { type Case, placeOf, type Violation } from './evidence.ts';
import type { LedgerEntry } from './ledger.ts';
import { FALLBACK_CHANNEL, readMessage } from './scenery.ts';
import { byAge, type Sighting } from './witness.ts';

export function checkOrder(known: Case): Violation[] {
  const conversations = Map.groupBy(known.evidence.sightings, ({ conversation }) => conversation);
  conversations.delete(FALLBACK_CHANNEL);
  return [...conversations.values()].flatMap((sightings) => {
    const inOrder = firstOnes(sightings).map((sighting) => appearanceOf(sighting, known));
    return [...checkNumbers(inOrder, known), ...checkTimes(inOrder, known)];
  });
}

/** Oldest first; what a message repeats is not its first appearance, and is judged elsewhere. */
function firstOnes(sightings: readonly Sighting[]): Sighting[] {
  const known = new Set<string | undefined>();
  return sightings.toSorted(byAge).filter(({ texts: [first] }) => {
    if (known.has(first)) return false;
    known.add(first);
    return true;
  });
}

/** A message's first appearance. */
interface Appearance {
  readonly sighting: Sighting;
  readonly entry: LedgerEntry | undefined;
  readonly number: number | null;
  readonly replayed: boolean;
}

function appearanceOf(sighting: Sighting, { entryOf, dutyOf }: Case): Appearance {
  const said = readMessage(sighting.texts[0] ?? '');
  const duty = said === null ? undefined : dutyOf(said.event, said.kind === 'root' ? 'note' : said.kind);
  // For a card, the account names where it is now; what posted it is in the message alone.
  const row =
    said?.kind === 'card' || said?.kind === 'root'
      ? undefined
      : duty?.everyRow.findLast(({ ts }) => ts === sighting.ts);
  return {
    sighting,
    entry: said === null ? undefined : entryOf(said.event),
    number: row?.delivery ?? sighting.delivery,
    replayed: duty?.everyRow.some(({ replay }) => replay) === true,
  };
}

/** Over a whole conversation, threads included: it is one lane. A root has the number of the reply that brought it. */
function checkNumbers(inOrder: readonly Appearance[], known: Case): Violation[] {
  const violations: Violation[] = [];
  let highest: Appearance | null = null;
  for (const appearance of inOrder) {
    if (appearance.number === null) continue;
    if (highest?.number != null && appearance.number < highest.number) {
      violations.push(disorder(appearance, highest, known));
    } else highest = appearance;
  }
  return violations;
}

/** From the end: nothing may stand before something that was answered before it was sent. */
function checkTimes(inOrder: readonly Appearance[], known: Case): Violation[] {
  const violations: Violation[] = [];
  let earliest: Appearance | null = null;
  for (const appearance of inOrder.toReversed()) {
    const { entry, replayed } = appearance;
    // A replay goes out at the end of its lane, however old it is.
    if (entry === undefined || replayed) continue;
    const limit = earliest?.entry?.acceptedAt ?? Number.POSITIVE_INFINITY;
    if (earliest !== null && limit < entry.firstSentAt) violations.push(disorder(earliest, appearance, known));
    if (entry.acceptedAt !== null && entry.acceptedAt < limit) earliest = appearance;
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
