/** Nothing lost, nothing twice, nothing unaccounted for: every delivery of every event, one by one. */
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';
import { type Case, cardKey, type Duty, placeOf, subjectOf, type Violation, violation, wasMerged } from './evidence.ts';
import { DONE_EMOJI, FALLBACK_CHANNEL, factsOf, owedFor } from './scenery.ts';
import { statementsOf } from './statements.ts';

export function checkArrival(known: Case): Violation[] {
  return [
    ...known.duties.flatMap((duty) => [
      ...checkAccount(duty),
      ...checkPresence(duty, known),
      ...checkPlace(duty, known),
      ...checkNamedPlace(duty),
    ]),
    ...checkRows(known),
    ...checkStrangers(known),
    ...checkOneCard(known),
  ];
}

/** It is listed, it has ended, and what did not arrive has its reason. */
function checkAccount(duty: Duty): Violation[] {
  const { fate, rows, route } = duty;
  const found = violationIn(duty);
  if (fate === 'unlisted') {
    const [kind, where] =
      duty.seen.length > 0 ? (['unaccounted', 'Slack only'] as const) : (['lost', 'nowhere'] as const);
    return found(kind, `its ${route} is listed, since it was answered 200`, `it is ${where}`);
  }
  if (fate === 'held' || fate === 'pending' || fate === 'sending')
    return found('unaccounted', `its ${route} has come to an end`, fate);
  if (fate === 'superseded' && factsOf(route).verb !== 'card')
    return found('lost', `its ${route} is sent`, 'superseded');
  if ((fate === 'dead' || fate === 'parked') && rows.at(-1)?.reason == null) {
    return found('unaccounted', `its ${route} has a reason`, `${fate} without one`);
  }
  const unlinked = rows.slice(1).filter(({ delivery }, index) => rows[index]?.replayed_as !== delivery);
  if (unlinked.length === 0) return [];
  return found('unaccounted', `one ${route} is planned`, `${rows.length}, of which no replay is the reason`);
}

/** As many messages as there must be. A card is judged as a whole, elsewhere: here only that it showed the event. */
function checkPresence(duty: Duty, known: Case): Violation[] {
  const { fate, route, seen, conversation } = duty;
  const { verb } = factsOf(route);
  const found = violationIn(duty);
  const arrived = fate === 'sent' || fate === 'merged' || fate === 'vanished';
  const lines = seen.filter(({ sighting }) => sighting.together !== null);
  const where = seen.map(({ sighting }) => placeOf(sighting)).join(' and ');
  if (seen.length > 1 && (verb !== 'card' || lines.length > 0)) return found('duplicated', `one ${route}`, where);
  if (wasMerged(duty) === true) {
    if (lines.length === 1) return [];
    return found('lost', `its ${route} with others in ${conversation}`, where === '' ? 'none' : where);
  }
  if (wasMerged(duty) === false && lines.length > 0) return found('unaccounted', `its ${route} is merged`, where);
  if (verb === 'react') {
    if (!arrived || lines.length > 0 || reacted(duty, known)) return [];
    return found('lost', `a :${DONE_EMOJI}: on its card`, 'there is none');
  }
  if (verb === 'card') {
    if (fate !== 'sent' || seen.length > 0) return [];
    return found('lost', 'its card showed it', 'no card ever did');
  }
  if (arrived && seen.length === 0) return found('lost', `one ${route} in ${conversation}`, `none (${fate})`);
  return [];
}

/** A card that was deleted may have had it: that is forgiven. */
function reacted({ entry, conversation }: Duty, { cards }: Case): boolean {
  const mine = cards.get(cardKey(conversation, entry.event.subject)) ?? [];
  return mine.some(({ deleted, reactions }) => deleted || reactions.includes(DONE_EMOJI));
}

/** In the conversation its route names; a reply below a message about its subject, or a line. */
function checkPlace(duty: Duty, { sightingAt }: Case): Violation[] {
  const { route, seen, conversation, entry } = duty;
  const { verb } = factsOf(route);
  const found = violationIn(duty);
  return seen.flatMap(({ sighting }) => {
    if (sighting.conversation !== conversation)
      return found('lost', `its ${route} in ${conversation}`, placeOf(sighting));
    if (verb !== 'reply' || sighting.together?.kind === 'digest') return [];
    const root = sightingAt(conversation, sighting.threadTs);
    if (root !== undefined && subjectOf(root) === entry.event.subject && root.ts < sighting.ts) return [];
    return found('lost', `its ${route} below its subject`, placeOf(sighting));
  });
}

/** Where the account says. A card and a reaction may be on a message that was deleted since. */
function checkNamedPlace(duty: Duty): Violation[] {
  const { route, rows, fate, seen } = duty;
  const { verb } = factsOf(route);
  const ts = rows.at(-1)?.ts ?? null;
  const stays = fate === 'merged' || (fate === 'sent' && verb !== 'card' && verb !== 'react');
  if (!stays || seen.length === 0 || seen.some(({ sighting }) => sighting.ts === ts)) return [];
  const found = seen.map(({ sighting }) => placeOf(sighting)).join(' and ');
  return violationIn(duty)('unaccounted', `its ${route} at ${ts}`, found);
}

/** Rows that no event owes. The relay's own reports are events of their own. */
function checkRows({ evidence }: Case): Violation[] {
  const owed = new Set(
    evidence.ledger.flatMap(({ event }) => owedFor(event).map(({ route }) => `${event.id} ${route}`)),
  );
  const sources = new Set<string>(evidence.ledger.map(({ event }) => event.sender));
  return evidence.account
    .filter(({ event, route }) => sources.has(event.source) && !owed.has(`${event.id} ${route}`))
    .map((row) => strange(`no ${row.route}`, `delivery ${row.delivery}`, { event: row.event.id, rows: [row] }));
}

/** Messages that say nothing, or of an event that was never sent, or of a route that never took it. */
function checkStrangers({ evidence, entryOf, dutyOf, dutiesOf }: Case): Violation[] {
  return evidence.sightings
    .filter(({ conversation }) => conversation !== FALLBACK_CHANNEL)
    .flatMap((sighting) =>
      statementsOf(sighting).flatMap((said) => {
        const entry = said === null ? undefined : entryOf(said.event);
        if (said === null || entry === undefined) return [strange('no such message', placeOf(sighting), {})];
        const replies = dutiesOf(said.event).some(({ route }) => factsOf(route).verb === 'reply');
        if (said.kind === 'root' ? replies : dutyOf(said.event, said.kind) !== undefined) return [];
        return [strange(`no ${said.kind}`, placeOf(sighting), { event: entry.event.id })];
      }),
    );
}

/** Whatever was not deleted of one subject in one channel is one message: the card, or the root that becomes one. */
function checkOneCard({ cards, evidence, entryOf }: Case): Violation[] {
  return [...cards.values()]
    .map((group) => group.filter(({ deleted }) => !deleted))
    .filter((group) => group.length > 1)
    .map((group) => {
      const events = group.map((card) => {
        const [said] = statementsOf(card);
        return said == null ? null : (entryOf(said.event)?.event.id ?? null);
      });
      const deliveries = evidence.account.filter(({ event: { id } }) => events.includes(id));
      const event = events[1] ?? null;
      const found = group.map((card) => `${placeOf(card)} "${card.texts[0]}"`).join(' and ');
      return { kind: 'duplicated', event, expected: 'one card', found, deliveries };
    });
}

function violationIn(duty: Duty) {
  return (kind: Violation['kind'], expected: string, found: string): Violation[] => [
    violation(kind, duty, { expected, found }),
  ];
}

function strange(
  expected: string,
  found: string,
  { event = null, rows = [] }: { readonly event?: string | null; readonly rows?: readonly DeliveryOutcome[] },
): Violation {
  return { kind: 'unaccounted', event, expected, found, deliveries: rows };
}
