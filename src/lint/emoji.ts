/** Emoji that are probably misspelt. A workspace has its own, so only what comes near a standard name counts. */
import { distance } from 'fastest-levenshtein';
import type { Problem } from '../core/problem.ts';
import type { SourceDocument } from '../language/document.ts';
import { closest } from '../language/schema.ts';
import { stepsOf, type WrittenRoute } from '../routing/schema.ts';
import { ROUTES } from './route-checks.ts';

/** Shorter names come near each other by chance. */
const SHORTEST = 5;

export async function misspeltEmoji(routes: readonly WrittenRoute[], document: SourceDocument): Promise<Problem[]> {
  const steps = routes.flatMap((route, index) =>
    stepsOf(route).flatMap(({ step: { emoji }, at }) =>
      typeof emoji === 'string' ? [{ emoji, path: [...ROUTES, index, ...at, 'emoji'] }] : [],
    ),
  );
  if (steps.length === 0) return [];
  // Needed by few, and long.
  const { default: table } = await import('emojilib/simplemap.json', { with: { type: 'json' } });
  const names = Object.keys(table);
  return steps.flatMap(({ emoji, path }): Problem[] => {
    const name = emoji.replace(/::skin-tone-\d$/, '');
    const near = name.length < SHORTEST || Object.hasOwn(table, name) ? null : closest(name, names);
    if (near === null || distance(name, near) > (name.length < 2 * SHORTEST ? 1 : 2)) return [];
    return [
      {
        ...document.place(path),
        severity: 'warning',
        code: 'unknown-emoji',
        message: `Slack has no emoji "${name}" of its own.`,
        remedy: `Did you mean "${near}"? If "${name}" is an emoji of your workspace, keep it.`,
      },
    ];
  });
}
