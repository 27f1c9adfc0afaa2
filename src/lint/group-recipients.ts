/** Direct messages to user groups, which Slack does not have: found where `to` names the group itself. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { stepsOf, type WrittenRoute } from '../routing/schema.ts';
import { isGroup, isGroupHandle } from '../slack/people.ts';

const TEXTS = /(["'])((?:\\.|(?!\1).)*)\1/g;
/** What is left of a text, or a list of texts, without them. */
const BETWEEN = /^[\s[\],]*$/;

/** `groups`: the names that `people.map` gives to user groups. */
export function groupRecipients(
  routes: readonly WrittenRoute[],
  document: SourceDocument,
  { base, groups }: { readonly base: Path; readonly groups: readonly string[] },
): Problem[] {
  const isNamed = (text: string) => isGroupHandle(text) || groups.includes(text) || isGroup(text);
  return routes.flatMap((route, index) =>
    stepsOf(route).flatMap(({ verb, step: { to = '' }, at }): Problem[] => {
      if (!BETWEEN.test(to.replaceAll(TEXTS, ''))) return [];
      const found = [...to.matchAll(TEXTS)].find(([, , text = '']) => isNamed(text));
      if (found === undefined) return [];
      const [literal, , name = ''] = found;
      return [
        {
          ...document.placeWithin([...base, index, ...at, 'to'], found.index),
          code: 'group-recipient',
          message: `${verb.name}.to: ${literal} is a user group, and groups get no direct messages.`,
          remedy: `Name its members, such as ["maria@example.com"], or post to a channel with {{ "${name}" | mention }} in the template.`,
        },
      ];
    }),
  );
}
