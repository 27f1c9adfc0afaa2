/** Cards: each shows the newest of its subject's events, and never went back to an older one. */
import { type Case, cardKey, type Duty, placeOf, type Violation, violation } from './evidence.ts';
import { factsOf } from './scenery.ts';
import { readStatement } from './statements.ts';
import type { Sighting } from './witness.ts';

export function checkCards(known: Case): Violation[] {
  const duties = Map.groupBy(
    known.duties.filter(({ route }) => factsOf(route).verb === 'card'),
    ({ conversation, entry }) => cardKey(conversation, entry.event.subject),
  );
  return [...known.cards].flatMap(([key, group]) => [
    ...group.flatMap((card) => checkRevisions(card, known)),
    ...checkFinal(group, duties.get(key) ?? [], known),
  ]);
}

function checkRevisions(card: Sighting, known: Case): Violation[] {
  const shown = card.texts.map((text) => shownBy(text, known)).filter((duty) => duty !== null);
  return shown.slice(1).flatMap((duty, index) => {
    const before = shown[index];
    if (before === undefined || !isNewer(before, duty) || wasRefused(before)) return [];
    const found = `after ${named(before)}, ${placeOf(card)}`;
    const both = { ...duty, everyRow: [...before.everyRow, ...duty.everyRow] };
    return [violation('out of order', both, { expected: `${named(duty)} leaves the newer card as it is`, found })];
  });
}

/**
 * Slack took it, lost the answer, and refused the repetition: it is listed as dead, and the card belongs to the newest of
 * the others.
 */
function wasRefused({ everyRow }: Duty): boolean {
  return everyRow.some(({ state, replayed_as }) => state === 'dead' || state === 'parked' || replayed_as !== null);
}

/** Where the driver deleted a card, nobody knows any more what it would show. */
function checkFinal(group: readonly Sighting[], duties: readonly Duty[], known: Case): Violation[] {
  const [card] = group;
  if (group.length !== 1 || card === undefined || card.deleted) return [];
  const counted = duties.filter(({ fate, seen }) =>
    // What is a line is on no card.
    seen.length > 0 ? seen.some(({ sighting }) => sighting.together === null) : ARRIVED.has(fate),
  );
  const newest = counted.reduce<Duty | null>(
    (best, duty) => (best === null || isNewer(duty, best) ? duty : best),
    null,
  );
  if (newest === null) return [];
  const shown = shownBy(card.texts.at(-1) ?? '', known);
  // Of two that nothing puts in order, either may be shown.
  if (shown !== null && !isNewer(newest, shown)) return [];
  const found = `${shown === null ? 'a bare thread root' : named(shown)} at ${placeOf(card)}`;
  return [violation('lost', newest, { expected: `the card shows ${named(newest)}`, found })];
}

const ARRIVED: ReadonlySet<Duty['fate']> = new Set(['sent', 'superseded', 'vanished']);

/** Null for a root. */
function shownBy(text: string, { dutyOf }: Case): Duty | null {
  const said = readStatement(text);
  return said === null || said.kind === 'root' ? null : (dutyOf(said.event, said.kind) ?? null);
}

/** By when it happened, then by arrival; false where arrival is not known any more. */
function isNewer(a: Duty, b: Duty): boolean {
  const difference = a.entry.event.occurredAt - b.entry.event.occurredAt;
  if (difference !== 0) return difference > 0;
  const [first, second] = [a.everyRow[0]?.event.number, b.everyRow[0]?.event.number];
  return first !== undefined && second !== undefined && first > second;
}

function named({ entry: { event } }: Duty): string {
  return `${event.id} of ${new Date(event.occurredAt).toISOString()}`;
}
