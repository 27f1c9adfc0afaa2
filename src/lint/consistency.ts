/** What routes say together and cannot mean: two of one name, an emoji where there is never a card. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { stepsOf, type WrittenRoute } from '../routing/schema.ts';

/** Routes are known by their names: in the log, in replays, in what `at_least` has counted. */
export function sameNames(routes: readonly WrittenRoute[], document: SourceDocument, base: Path): Problem[] {
  const first = new Map<string, number>();
  return routes.flatMap(({ name }, index): Problem[] => {
    if (name === undefined) return [];
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, index);
      return [];
    }
    const { line } = document.place([...base, before, 'name']);
    return [
      {
        ...document.place([...base, index, 'name']),
        severity: 'warning',
        code: 'same-name',
        message: `Another route is named "${name}" too (line ${line}).`,
        remedy: 'Give each a name of its own: replay and at_least know routes by it.',
      },
    ];
  });
}

/** A mark needs the card, or the root of the thread, that another route puts into the same channel. */
export function marksWithoutCard(routes: readonly WrittenRoute[], document: SourceDocument, base: Path): Problem[] {
  const steps = routes.flatMap((route, index) =>
    stepsOf(route).map(({ verb, step, at }) => ({ verb, channel: step.channel ?? '', path: [...base, index, ...at] })),
  );
  const carding = steps.filter(({ verb: { role } }) => role === 'card' || role === 'thread');
  const carded = new Set(carding.map(({ channel }) => channel));
  // A channel with a placeholder may turn out to be any.
  if ([...carded].some(isHoled)) return [];
  return steps
    .filter(({ verb, channel }) => verb.role === 'mark' && !carded.has(channel) && !isHoled(channel))
    .map(({ verb, channel, path }) => ({
      ...document.place([...path, 'channel']),
      severity: 'warning',
      code: `${verb.name}-without-card`,
      message: `No route puts a card or a reply into ${channel}, so ${verb.name} has no card.`,
      remedy: `Use the channel of a card, or add a route: card: { channel: "${channel}", template: … }.`,
    }));
}

function isHoled(channel: string): boolean {
  return /\{[{%]/.test(channel);
}
