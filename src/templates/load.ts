/** Reads a folder of templates, with every problem of every file at once. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import type { z } from 'zod';
import { isError, type Place, type Problem, sortProblems } from '../core/problem.ts';
import { readDocument, type SourceDocument } from '../language/document.ts';
import { NO_LOOPS } from '../language/loops.ts';
import { salvage } from '../language/salvage.ts';
import { check } from '../language/schema.ts';
import { COLOR_HELP, colorOf } from '../slack-format/color.ts';
import { checkBlocks, checkText } from './blocks.ts';
import { type Compiling, compileItems, compileString } from './compile.ts';
import { templateSchema } from './schema.ts';
import { type MessageTemplate, messageTemplate, type TemplateParts, type TemplateSet } from './template.ts';
import type { Node } from './tree.ts';

/** The file of each template, by name. */
export type TemplateFiles = ReadonlyMap<string, string>;

export interface LoadedTemplates {
  /** Those without errors. */
  readonly templates: TemplateSet;
  /** All there are, with errors or without; null where the folder cannot be read. */
  readonly files: TemplateFiles | null;
  readonly problems: readonly Problem[];
}

/** Every `*.yaml` and `*.yml` of the folder, by file name without its ending. Never throws for what is in the files. */
export async function loadTemplates(folder: string): Promise<LoadedTemplates> {
  const templates = new Map<string, MessageTemplate>();
  const { files, problems } = await findTemplates(folder);
  for (const [name, file] of files ?? []) {
    const source = await contentOf(file, problems);
    if (source === null) continue;
    const compiled = compileTemplate(source, file);
    problems.push(...compiled.problems);
    if (compiled.template !== null) templates.set(name, compiled.template);
  }
  return { templates, files, problems: sortProblems(problems) };
}

/** The files of a folder that are templates, unread. Null where it cannot be read. */
export async function findTemplates(
  folder: string,
): Promise<{ readonly files: TemplateFiles | null; readonly problems: Problem[] }> {
  const problems: Problem[] = [];
  const files = new Map<string, string>();
  const paths = await templateFiles(folder, problems);
  for (const file of paths ?? []) {
    const { name } = parse(file);
    const other = files.get(name);
    if (other === undefined) files.set(name, file);
    else {
      const message = `There are two templates named "${name}": ${basename(other)} is one, too.`;
      const remedy = 'Rename or remove one of the files.';
      problems.push({ file, line: 1, column: 1, code: 'duplicate-template', message, remedy });
    }
  }
  return { files: paths && files, problems };
}

/** One template from its YAML. `file` names it in problems, and gives it its name. */
export function compileTemplate(
  source: string,
  file: string,
): { readonly template: MessageTemplate | null; readonly problems: readonly Problem[] } {
  const document = readDocument(source, file);
  if (document.problems.some(isError)) return { template: null, problems: document.problems };
  if (document.value === null || document.value === undefined) {
    return { template: null, problems: [emptyProblem({ file, line: 1, column: 1 })] };
  }
  const problems: Problem[] = [...document.problems];
  const compiling: Compiling = { document, problems, locals: {}, groups: new Set(), loops: NO_LOOPS };
  const checked = check(templateSchema, document);
  if (!checked.ok) {
    const rest = templateSchema.safeParse(salvage(templateSchema, document.value));
    if (rest.success && Object.keys(rest.data).length > 0) compileParts(rest.data, document, compiling);
    return { template: null, problems: [...checked.problems, ...problems.filter(isError)] };
  }
  const parts = compileParts(checked.value, document, compiling);
  const template = problems.some(isError)
    ? null
    : messageTemplate(parts, { name: parse(file).name, file, groups: [...compiling.groups] });
  return { template, problems };
}

function compileParts(
  { text, blocks, color, summary }: z.infer<typeof templateSchema>,
  document: SourceDocument,
  compiling: Compiling,
): TemplateParts {
  if (text === undefined && blocks === undefined) compiling.problems.push(emptyProblem(document.place([])));
  if (blocks !== undefined) checkBlocks(blocks, ['blocks'], compiling);
  if (text !== undefined) checkText(text, 'text', compiling);
  if (summary !== undefined) checkText(summary, 'summary', compiling);
  const mrkdwn = { place: 'mrkdwn', compiling } as const;
  return {
    ...(text !== undefined && { text: compileString(text, ['text'], mrkdwn) }),
    ...(blocks !== undefined && { blocks: compileItems(blocks, ['blocks'], compiling) }),
    ...(color !== undefined && { color: compileColor(color, compiling) }),
    ...(summary !== undefined && { summary: compileString(summary, ['summary'], mrkdwn) }),
  };
}

function compileColor(source: string, compiling: Compiling): Node {
  const node = compileString(source, ['color'], { place: 'plain_text', compiling });
  if (node.kind === 'constant' && typeof node.value === 'string' && colorOf(node.value) === null) {
    const message = `color: ${JSON.stringify(source)} is not a colour.`;
    compiling.problems.push({ ...compiling.document.place(['color']), code: 'bad-value', message, remedy: COLOR_HELP });
  }
  return node;
}

function emptyProblem(place: Place): Problem {
  const message = 'A template needs text or blocks.';
  return {
    ...place,
    code: 'missing-key',
    message,
    remedy: 'The smallest template is one line: text: "{{ event.topic }}".',
  };
}

async function templateFiles(folder: string, problems: Problem[]): Promise<string[] | null> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    const message = `The templates folder cannot be read: ${reasonOf(error)}.`;
    const remedy =
      'Create it, with a first template: `alo-relay templates --copy any_event`; or change templates: in the config.';
    problems.push({ file: folder, line: 1, column: 1, code: 'templates-folder', message, remedy });
    return null;
  }
}

async function contentOf(file: string, problems: Problem[]): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const message = `The template cannot be read: ${reasonOf(error)}.`;
    problems.push({
      file,
      line: 1,
      column: 1,
      code: 'template-unreadable',
      message,
      remedy: 'Check that it is a readable file.',
    });
    return null;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (code === '' ? String(error) : code);
}
