/** Quiet hours: what is held back is not seen before they end. When it is told at last, is judged as for any other. */
import { type Case, type Duty, heldBack, placeOf, rowBehind, type Violation, violation } from './evidence.ts';
import { readStatement } from './statements.ts';
import type { Sighting } from './witness.ts';

/** The service and the workspace live by the clock of one machine. */
const TOLERANCE_MS = 50;

export function checkQuiet(known: Case): Violation[] {
  return known.duties.flatMap((duty) => {
    if (duty.everyRow.length === 0) return [];
    return duty.seen.flatMap(({ sighting }) => {
      const until = releasedAt(duty, sighting, known);
      const at = shownAt(duty, sighting);
      if (until === null || at === null || at >= until - TOLERANCE_MS) return [];
      const expected = `its ${duty.route} is held back until ${iso(until)}`;
      return [violation('too early', duty, { expected, found: `${placeOf(sighting)}, ${iso(at)}` })];
    });
  });
}

/** Where nobody knows which row it comes from, the first that may go out counts. */
function releasedAt(duty: Duty, sighting: Sighting, { evidence }: Case): number | null {
  const row = rowBehind(duty, sighting);
  const all = (row === undefined ? duty.everyRow : [row]).map((it) => heldBack(duty, it, evidence.quiet));
  const known = all.filter((until) => typeof until === 'number');
  return known.length < all.length ? null : Math.min(...known);
}

/** ms since the epoch: when the message began to show it; null where that is forgotten. */
function shownAt({ entry, route }: Duty, { together, ts, texts, since }: Sighting): number | null {
  const index = texts.findIndex((text) => {
    const said = readStatement(text);
    return said?.event === entry.event.number && said.kind === route;
  });
  const shown = together === null ? since[index - (texts.length - since.length)] : ts;
  return shown === undefined ? null : Number(shown) * 1000;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
