/** Compiles a template's structure: strings to text for where they stand, `when` and `each` to expressions. */
import type { Place, Problem } from '../core/problem.ts';
import { caret } from '../language/caret.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { compileExpression, type ExpressionError, NOW } from '../language/expression.ts';
import { itemType, type Locals } from '../language/fields.ts';
import type { Loops } from '../language/loops.ts';
import { written } from '../language/schema.ts';
import type { TextProblem } from '../language/text.ts';
import { safeUrl } from '../slack-format/escape.ts';
import { checkObject } from './blocks.ts';
import { isFields } from './fit.ts';
import { slackTexts, type TextPlace } from './text.ts';
import type { Entry, Item, Node } from './tree.ts';

/** What a template is compiled from, and what is found on the way. */
export interface Compiling {
  readonly document: SourceDocument;
  readonly problems: Problem[];
  /** Names that `each` introduced, with their types. */
  readonly locals: Locals;
  /** Handles of user groups that are mentioned by name, such as `@support`: found on the way. */
  readonly groups: Set<string>;
  /** Of `each`, around. */
  readonly loops: Loops;
}

export function compileItems(items: readonly unknown[], path: Path, compiling: Compiling): Item[] {
  return items.map((item, index) => compileItem(item, [...path, index], compiling));
}

function compileItem(item: unknown, path: Path, compiling: Compiling): Item {
  if (!isFields(item)) return { node: compileValue(item, path, compiling) };
  const { when, each, ...fields } = item;
  const loop = each === undefined ? undefined : compileEach(each, [...path, 'each'], compiling);
  const inner =
    loop === undefined
      ? compiling
      : { ...compiling, locals: { ...compiling.locals, [loop.name]: loop.type }, loops: loop.loops };
  const condition = when === undefined ? undefined : compileWhen(when, [...path, 'when'], inner);
  // What stands below an `each` that is wrong would only repeat its problem.
  const node: Node =
    each !== undefined && loop === undefined
      ? { kind: 'constant', value: undefined }
      : compileObject(fields, path, inner);
  return { node, ...(loop !== undefined && { each: loop }), ...(condition !== undefined && { when: condition }) };
}

function compileWhen(source: unknown, path: Path, compiling: Compiling): Item['when'] {
  if (typeof source !== 'string' && typeof source !== 'boolean') {
    report(compiling, path, { code: 'bad-value', message: `${written(path)}: A condition is needed.` });
    return undefined;
  }
  const { locals, loops } = compiling;
  const compiled = compileExpression(String(source), { vocabulary: 'event', result: 'bool', locals, loops });
  if (compiled.ok) return { condition: compiled.expression, place: compiling.document.place(path) };
  reportExpression(compiling, path, { source: String(source), error: compiled.error });
  return undefined;
}

function compileEach(source: unknown, path: Path, compiling: Compiling) {
  const match = typeof source === 'string' ? /^\s*([A-Za-z_]\w*)\s+in\s+(?=\S)/.exec(source) : null;
  if (typeof source !== 'string' || match?.[1] === undefined) {
    const message = `${written(path)}: This does not say what to repeat.`;
    const remedy = 'Write NAME in EXPRESSION, as in: person in event.assignees.current.';
    report(compiling, path, { code: 'bad-value', message, remedy });
    return undefined;
  }
  const [head, name] = match;
  if (name === 'event' || name === NOW || Object.hasOwn(compiling.locals, name)) {
    const message = `${written(path)}: "${name}" is taken.`;
    report(compiling, path, { code: 'bad-value', message, remedy: 'Choose another name.' });
    return undefined;
  }
  const { locals, loops } = compiling;
  const compiled = compileExpression(source.slice(head.length), {
    vocabulary: 'event',
    result: 'list',
    locals,
    loops,
    item: name,
  });
  if (!compiled.ok) {
    reportExpression(compiling, path, {
      source,
      error: { ...compiled.error, offset: head.length + compiled.error.offset },
    });
    return undefined;
  }
  const place = compiling.document.place(path);
  const { expression } = compiled;
  return { name, list: expression, place, loops: compiled.loops, type: itemType(expression.type) ?? 'dyn' };
}

function compileValue(value: unknown, path: Path, compiling: Compiling): Node {
  if (typeof value === 'string') return compileString(value, path, { place: 'plain_text', compiling });
  if (Array.isArray(value)) return { kind: 'list', items: compileItems(value, path, compiling) };
  return isFields(value) ? compileObject(value, path, compiling) : { kind: 'constant', value };
}

function compileObject(fields: Readonly<Record<string, unknown>>, path: Path, compiling: Compiling): Node {
  checkObject(fields, path, compiling);
  const entries = Object.entries(fields).map(([key, value]): Entry => {
    const place = placeOf(key, fields.type);
    const at = [...path, key];
    const node =
      typeof value === 'string' ? compileString(value, at, { place, compiling }) : compileValue(value, at, compiling);
    return { key, node, vital: place === 'url' && node.kind === 'text' && fields.type !== 'link' };
  });
  const holed = entries.some(({ key, node }) => key === 'text' && node.kind === 'text');
  if (fields.type === 'mrkdwn' && holed && fields.verbatim === undefined) {
    // Data must not become a link or a mention by looking like one.
    entries.push({ key: 'verbatim', node: { kind: 'constant', value: true }, vital: false });
  }
  return entries.every(({ node }) => node.kind === 'constant')
    ? { kind: 'constant', value: fields }
    : { kind: 'object', entries };
}

function placeOf(key: string, type: unknown): TextPlace {
  if (key === 'url' || key.endsWith('_url')) return 'url';
  return key === 'text' && (type === 'mrkdwn' || type === 'markdown') ? 'mrkdwn' : 'plain_text';
}

const MENTIONED_GROUP = /["'](@[a-z0-9][a-z0-9._-]*)["']\s*\|\s*mention\b/gi;

/** A problem makes it a constant: the template is not used, and the rest of it is checked. */
export function compileString(
  source: string,
  path: Path,
  { place, compiling }: { readonly place: TextPlace; readonly compiling: Compiling },
): Node {
  const compiled = slackTexts.compile(source, place, { locals: compiling.locals, loops: compiling.loops });
  if (!compiled.ok) {
    reportText(compiling, path, { source, error: compiled.error });
    return { kind: 'constant', value: source };
  }
  for (const [, handle = ''] of source.matchAll(MENTIONED_GROUP)) compiling.groups.add(handle.toLowerCase());
  if (compiled.usesRaw) {
    const message = `${written(path)}: The filter "raw" lets data through unescaped.`;
    const remedy = 'Whoever writes that data can mention @channel. Take "raw" out where you can.';
    const place = compiling.document.placeWithin(path, Math.max(0, source.search(/(?<=\|\s*)raw\b/)));
    compiling.problems.push({ ...place, severity: 'warning', code: 'raw-output', message, remedy });
  }
  if (place === 'mrkdwn') reportOpenMarkup(source, path, compiling);
  if (!compiled.text.constant) return { kind: 'text', text: compiled.text, place: compiling.document.place(path) };
  if (place === 'url' && safeUrl(source) === null) {
    const message = `${written(path)}: This is no http, https or mailto URL.`;
    report(compiling, path, { code: 'bad-value', message });
  }
  return { kind: 'constant', value: source };
}

/** `<{{ url }}|Open>`: what is inside Slack's brackets decides what they are, and `!channel` is text like any other. */
function reportOpenMarkup(source: string, path: Path, compiling: Compiling): void {
  const [found] = source.matchAll(/<([@!]?)\{\{/g);
  if (found === undefined) return;
  const [what, instead] =
    found[1] === '@'
      ? ['who is mentioned here', '{{ PERSON | mention }}']
      : ['what stands in these brackets, and can mention @channel', '{{ "TEXT" | link: URL }}, without brackets'];
  const message = `${written(path)}: The data decides ${what}.`;
  const remedy = `Write ${instead}.`;
  const spot = compiling.document.placeWithin(path, found.index);
  compiling.problems.push({ ...spot, severity: 'warning', code: 'open-markup', message, remedy });
}

function report(compiling: Compiling, path: Path, problem: Omit<Problem, keyof Place>): void {
  compiling.problems.push({ ...compiling.document.place(path), ...problem });
}

function reportText(compiling: Compiling, path: Path, { source, error }: { source: string; error: TextProblem }): void {
  const { offset, remedy = caret(source, offset), ...problem } = error;
  compiling.problems.push({ ...compiling.document.placeWithin(path, offset), ...problem, remedy });
}

interface Refused {
  readonly source: string;
  readonly error: ExpressionError;
}

function reportExpression(compiling: Compiling, path: Path, { source, error }: Refused): void {
  const { code, message, offset } = error;
  const remedy = caret(source, offset);
  compiling.problems.push({ ...compiling.document.placeWithin(path, offset), code, message, remedy });
}
