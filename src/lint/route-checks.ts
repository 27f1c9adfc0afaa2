/**
 * Finds what is wrong between routes and what they refer to, each of them right by itself. This folder finds mistakes
 * before any event comes; what cannot be compiled at all is found by the parts themselves.
 */

import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { closest, written } from '../language/schema.ts';
import type { TemplateUse } from '../routing/route.ts';
import type { MergeRule, QuietHours } from '../routing/rules.ts';
import type { WrittenRoute } from '../routing/schema.ts';
import { isGroup } from '../slack/people.ts';
import type { LoadedTemplates, TemplateFiles } from '../templates/load.ts';
import { SHIPPED_TEMPLATES } from '../templates/shipped.ts';
import type { TemplateSet } from '../templates/template.ts';
import { marksWithoutCard, sameNames } from './consistency.ts';
import { groupRecipients } from './group-recipients.ts';
import { type Senders, unknownTopics } from './known-topics.ts';
import { idleKeys, longThresholds } from './quiet-hours.ts';
import { sendersChoices } from './sender-choice.ts';
import { sendersOf, type WrittenSource } from './senders.ts';
import { unreachable } from './unreachable-routes.ts';

/** What routes are read against, beside the templates. Plain data, without secrets. */
export interface RouteSurroundings {
  readonly quietHours: QuietHours;
  /** Of a route that says nothing about it; null: singly. */
  readonly merge: MergeRule | null;
  /** The names of all sources. */
  readonly sources: readonly string[];
  readonly senders: Senders;
  readonly retentionMs: number;
  /** Names and ids that `people.map` gives to user groups. */
  readonly groups: readonly string[];
}

interface WrittenSurroundings {
  readonly quiet_hours: QuietHours;
  readonly sources: Readonly<Record<string, WrittenSource>>;
  readonly retention: number;
  readonly people: { readonly map: Readonly<Record<string, string>> };
}

export function surroundingsOf(written: WrittenSurroundings, merge: MergeRule | null): RouteSurroundings {
  const { quiet_hours: quietHours, sources, retention: retentionMs } = written;
  const groups = Object.keys(written.people.map).filter((name) => isGroup(written.people.map[name] ?? ''));
  return { quietHours, merge, sources: Object.keys(sources), senders: sendersOf(sources), retentionMs, groups };
}

/** Where they stand in every document. */
export const ROUTES: Path = ['routes'];

export function checkRoutes(
  routes: readonly WrittenRoute[],
  document: SourceDocument,
  { sources, senders, retentionMs, groups }: Omit<RouteSurroundings, 'quietHours' | 'merge'>,
): Problem[] {
  return [
    ...unknownSources(routes, document, sources),
    ...unknownTopics(routes, document, { base: ROUTES, senders }),
    ...unreachable(routes, document, { base: ROUTES, sources }),
    ...sameNames(routes, document, ROUTES),
    ...marksWithoutCard(routes, document, ROUTES),
    ...routes.flatMap((route, index) => idleKeys(route, [...ROUTES, index], document)),
    ...longThresholds(routes, document, { base: ROUTES, retentionMs }),
    ...sendersChoices(routes, document, ROUTES),
    ...groupRecipients(routes, document, { base: ROUTES, groups }),
  ];
}

/** What is named and not there is probably one of those that are not used. */
export function checkTemplates(
  uses: readonly TemplateUse[],
  { files, templates }: Pick<LoadedTemplates, 'files' | 'templates'>,
  document: SourceDocument,
): Problem[] {
  if (files === null) return [];
  const unknown = unknownTemplates(uses, files, document);
  return unknown.length > 0 ? unknown : unusedTemplates(uses, templates);
}

function unknownTemplates(uses: readonly TemplateUse[], files: TemplateFiles, document: SourceDocument): Problem[] {
  const names = [...files.keys()].toSorted();
  const defaults = new Set<string>();
  return uses.flatMap(({ template, path }): Problem[] => {
    if (files.has(template)) return [];
    const place = { ...document.place(path), code: 'unknown-template' } as const;
    const copy = SHIPPED_TEMPLATES.includes(template) ? `Copy it: \`alo-relay templates --copy ${template}\`.` : '';
    if (document.asWritten(path) === null) {
      // It is missing once, however many routes need it.
      if (defaults.has(template)) return [];
      defaults.add(template);
      const key = String(path.at(-1));
      const step = written(path.slice(0, -2));
      const message = `${step} needs the template "${template}", with which a thread without a card begins, and there is none.`;
      return [{ ...place, message, remedy: `${copy} Or name another: ${key}: NAME.` }];
    }
    const message = `There is no template "${template}" in the templates folder.`;
    if (copy !== '') return [{ ...place, message, remedy: `It comes with alo-relay. ${copy}` }];
    const near = closest(template, names);
    const remedy = `${near === null ? '' : `Did you mean "${near}"? `}Templates: ${names.join(', ') || 'none'}.`;
    return [{ ...place, message, remedy }];
  });
}

/** One that has errors is told of them first. */
function unusedTemplates(uses: readonly TemplateUse[], templates: TemplateSet): Problem[] {
  const used = new Set(uses.map(({ template }) => template));
  return [...templates.values()]
    .filter(({ name }) => !used.has(name) && !SHIPPED_TEMPLATES.includes(name))
    .map(({ name, file }) => ({
      file,
      line: 1,
      column: 1,
      severity: 'warning',
      code: 'unused-template',
      message: `No route uses the template "${name}".`,
      remedy: `Name it in a route, as in post: { channel: "#general", template: ${name} }, or remove the file.`,
    }));
}

function unknownSources(
  routes: readonly WrittenRoute[],
  document: SourceDocument,
  names: readonly string[],
): Problem[] {
  return routes.flatMap((route, index) =>
    (route.source ?? []).flatMap((source, at): Problem[] => {
      if (names.includes(source)) return [];
      const near = closest(source, names);
      return [
        {
          ...document.place([...ROUTES, index, 'source', at]),
          code: 'unknown-source',
          message: `There is no source "${source}".`,
          remedy: `${near === null ? '' : `Did you mean "${near}"? `}Sources: ${names.join(', ')}.`,
        },
      ];
    }),
  );
}
