/** Messages for several deliveries: each says how many it brings, names their routes and links, and keeps its sizes. */
import { type Case, placeOf, type Violation } from './evidence.ts';
import { FALLBACK_CHANNEL, factsOf, urlOf } from './scenery.ts';
import { type Part, readStatement } from './statements.ts';
import type { Sighting } from './witness.ts';

export function checkTogether({ evidence }: Case): Violation[] {
  return evidence.sightings
    .filter(({ conversation, together }) => together !== null && conversation !== FALLBACK_CHANNEL)
    .flatMap((sighting) =>
      faultsOf(sighting, evidence.mode === 'merged').map(
        ([expected, found]): Violation => ({
          kind: 'unaccounted',
          event: null,
          expected,
          found: `${found} at ${placeOf(sighting)}`,
          deliveries: evidence.account.filter(({ ts }) => ts === sighting.ts),
        }),
      ),
    );
}

type Fault = readonly [expected: string, found: string];

function faultsOf({ together }: Sighting, merging: boolean): Fault[] {
  if (together === null) return [];
  const { kind, parts, announced } = together;
  const limits = parts.map(({ text }) => maxLinesOf(text)).filter((limit) => limit !== undefined);
  const most = Math.max(...limits.map((limit) => limit ?? 1));
  const faults: Fault[] = parts.flatMap((part) => faultsOfPart(part, kind));
  if (!merging) faults.push(['no message for several', `one for ${parts.length}`]);
  if (limits.includes(null)) faults.push(['a route that is not merged goes singly', `${parts.length} together`]);
  if (kind === 'digest' && announced !== parts.length)
    faults.push([`a digest of ${announced}`, `${parts.length} lines`]);
  // A reaction goes where what it is a reaction to went, however full it is there.
  const lines = parts.filter(({ text }) => readStatement(text)?.kind !== 'done').length;
  if (lines > most) faults.push([`at most ${most} together`, `${lines}`]);
  return faults;
}

/** Null: always singly; undefined: of no route. */
function maxLinesOf(text: string): number | null | undefined {
  const said = readStatement(text);
  return said === null || said.kind === 'root' ? undefined : factsOf(said.kind).maxLines;
}

function faultsOfPart({ text, route, url }: Part, within: 'digest' | 'replies'): Fault[] {
  const said = readStatement(text);
  if (said === null || said.kind === 'root') return [['a line of a delivery', `"${text.slice(0, 60)}"`]];
  const faults: Fault[] = [];
  if (route !== null && route !== said.kind) faults.push([`${said.kind} below its heading`, `below ${route}`]);
  if (route !== null && url !== urlOf(said.event)) faults.push([`a link to ${urlOf(said.event)}`, `${url}`]);
  if (within === 'replies' && factsOf(said.kind).verb !== 'reply') faults.push(['replies in a thread', said.kind]);
  return faults;
}
