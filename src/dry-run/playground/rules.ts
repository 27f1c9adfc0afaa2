/** Rules from texts that are being edited: read as a config file's are, with the same problems at the same places. */

import {
  blamingBraces,
  substituteVariables,
  unreported,
  type Variables,
  variablesIn,
} from '../../config/environment.ts';
import { Mask } from '../../config/mask.ts';
import { restOfRoutes } from '../../config/rest.ts';
import { configSchema } from '../../config/schema.ts';
import { isError, type Problem } from '../../core/problem.ts';
import { readDocument, type SourceDocument, type Substitute } from '../../language/document.ts';
import { check, object } from '../../language/schema.ts';
import { misspeltEmoji } from '../../lint/emoji.ts';
import { checkRoutes, checkTemplates, ROUTES, type RouteSurroundings } from '../../lint/route-checks.ts';
import { compileRoutes, type Route, type TemplateUse } from '../../routing/route.ts';
import { compileTemplate } from '../../templates/load.ts';
import type { MessageTemplate, TemplateSet } from '../../templates/template.ts';

export interface TemplateText {
  readonly name: string;
  /** Its name in the folder. */
  readonly file: string;
  readonly text: string;
}

export interface RulesText {
  /** The `routes:` section, its list or one route, and the line of the config file on which that begins. */
  readonly routes: { readonly text: string; readonly line: number };
  /** Those that may be looked up, set or not. Others stay as they are written: what is typed here comes from a page. */
  readonly variables: Variables;
  readonly templates: readonly TemplateText[];
  /** The name of the template whose problems are told. */
  readonly edited: string | null;
  readonly surroundings: RouteSurroundings;
}

export interface ReadRules {
  readonly routes: readonly Route[];
  readonly templates: TemplateSet;
  /** Of files `routes` and `template`. */
  readonly problems: readonly Problem[];
  readonly mask: Mask;
}

/**
 * Never throws for what is in the texts. Known limit: an alias in the routes of something that stands elsewhere in the
 * config file is not known here.
 */
export async function readRules(rules: RulesText): Promise<ReadRules> {
  const { routes: written, variables, edited, surroundings, ...texts } = rules;
  const templates = new Map<string, MessageTemplate>();
  const files = new Map(texts.templates.map(({ name, file }) => [name, file]));
  const ofTemplate: Problem[] = [];
  for (const { name, file, text } of texts.templates) {
    const { template, problems } = compileTemplate(text, file);
    if (template !== null) templates.set(name, template);
    if (name === edited) ofTemplate.push(...problems);
  }
  const section = asSection(written);
  const document = readDocument(section.text, 'routes', substitution(variables));
  const mask = new Mask(section.text, 'routes', variables);
  const { routes, uses, problems } = await compile(document, surroundings);
  const ofUses = checkTemplates(uses, { files, templates }, document);
  // Where routes have errors, a template may be used that seems not to be.
  const together = problems.some(isError) ? ofUses.filter(isError) : ofUses;
  const editedFile = edited === null ? undefined : files.get(edited);
  ofTemplate.push(...together.filter(({ file }) => file === editedFile));
  const ofRoutes = blamingBraces([...problems, ...together.filter(({ file }) => file === 'routes')]).map((problem) => ({
    ...mask.problem(problem),
    line: Math.max(written.line, problem.line - section.lines),
    column: Math.max(1, problem.column - section.columns),
  }));
  const told = [...ofRoutes, ...ofTemplate.map((one) => ({ ...one, file: 'template' }))];
  return { routes, templates, problems: told, mask };
}

interface Section {
  readonly text: string;
  /** By how much its places are further down, and further right, than in the text as it was written. */
  readonly lines: number;
  readonly columns: number;
}

/** As it would stand in a file, on the same line where that is possible. */
function asSection({ text, line }: RulesText['routes']): Section {
  const [first = ''] = /^[ \t]*[^\s#].*$/m.exec(text) ?? [];
  if (first === '' || /^\s*(['"]?)routes\1\s*:/.test(first)) {
    return { text: '\n'.repeat(line - 1) + text, lines: 0, columns: 0 };
  }
  const head = `${'\n'.repeat(Math.max(0, line - 2))}routes:\n`;
  const lines = line === 1 ? 1 : 0;
  if (/^\s*-(\s|$)/.test(first)) return { text: head + text, lines, columns: 0 };
  return { text: `${head}- ${text.replaceAll('\n', '\n  ')}`, lines, columns: 2 };
}

const NO_PROBLEMS = new Map();

function substitution(known: Variables): Substitute {
  return (text, report) => {
    const literal: Record<string, string> = {};
    for (const name of variablesIn(text)) {
      if (Object.hasOwn(known, name)) continue;
      // With a default that is taken, as where the variable is not set.
      if (!text.includes(`\${${name}}`)) continue;
      literal[name] = `\${${name}}`;
      const message = `The playground does not look up ${name}: here it stays as it is written.`;
      report('variable-not-read', message, NOT_READ_REMEDY, 'warning');
    }
    return substituteVariables({ values: { ...known, ...literal }, problems: NO_PROBLEMS })(text, report);
  };
}

const NOT_READ_REMEDY = 'It looks up only what the routes of the config file use, and nothing else in that file.';

const section = object({ routes: configSchema.shape.routes });

interface Compiled {
  readonly routes: readonly Route[];
  readonly uses: readonly TemplateUse[];
  readonly problems: readonly Problem[];
}

async function compile(document: SourceDocument, surroundings: RouteSurroundings): Promise<Compiled> {
  if (document.problems.some(({ code }) => code === 'yaml'))
    return { routes: [], uses: [], problems: document.problems };
  const checked = check(section, document);
  const written = checked.ok ? checked.value.routes : restOfRoutes(document);
  const { routes, uses, problems } = compileRoutes(written, document, { base: ROUTES, ...surroundings });
  if (!checked.ok) return { routes: [], uses, problems: foundIn(document, [...checked.problems, ...problems]) };
  const together = [...checkRoutes(written, document, surroundings), ...(await misspeltEmoji(written, document))];
  return { routes, uses, problems: foundIn(document, [...problems, ...together]) };
}

function foundIn(document: SourceDocument, problems: readonly Problem[]): readonly Problem[] {
  return [...document.problems, ...unreported(problems, document)];
}
