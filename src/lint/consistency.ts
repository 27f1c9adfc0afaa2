/** What routes say together and cannot mean: two of one name, an emoji where there is never a card. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import type { WrittenRoute } from '../routing/schema.ts';

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

/** A reaction needs the card, or the root of the thread, that another route puts into the same channel. */
export function reactionsWithoutCard(routes: readonly WrittenRoute[], document: SourceDocument, base: Path): Problem[] {
  const carded = new Set(routes.flatMap(({ card, reply }) => [...(card ?? []), ...(reply ?? [])]).map(channelOf));
  // A channel with a placeholder may turn out to be any.
  if ([...carded].some(isHoled)) return [];
  return routes.flatMap((route, at) =>
    (route.react ?? []).flatMap(({ channel }, index): Problem[] =>
      carded.has(channel) || isHoled(channel)
        ? []
        : [
            {
              ...document.place([...base, at, 'react', index, 'channel']),
              severity: 'warning',
              code: 'react-without-card',
              message: `No route puts a card or a reply into ${channel}, so there is nothing to react to.`,
              remedy: `Use the channel of a card, or add a route: card: { channel: "${channel}", template: … }.`,
            },
          ],
    ),
  );
}

function channelOf({ channel }: { readonly channel: string }): string {
  return channel;
}

function isHoled(channel: string): boolean {
  return /\{[{%]/.test(channel);
}
