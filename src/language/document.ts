/**
 * A YAML file with the place of everything in it, so that whatever is wrong with a value can be shown where the
 * user wrote it.
 */
import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';
import type { Place, Problem } from '../core/problem.ts';
import {
  asValue,
  type CommentProblem,
  commentProblems,
  emptiedBy,
  gluedComments,
  readAsMeant,
} from './yaml-comments.ts';
import { yamlProblems } from './yaml-problems.ts';

/** Keys and indexes from the root. */
export type Path = readonly PropertyKey[];

export interface SourceDocument {
  readonly file: string;
  /** The plain value; null when the file is not YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at `path` is; the nearest enclosing value where there is none. */
  place(path: Path): Place;
  /** Where the last key of `path` is written. */
  placeOfKey(path: Path): Place;
  /** Where the character at `offset` of the string at `path` is. */
  placeWithin(path: Path, offset: number): Place;
  /** The string at `path` as it stands in the file, before anything was replaced in it; null where there is none. */
  asWritten(path: Path): string | null;
}

/** Called for every scalar string, to replace it (environment variables). `report` takes a problem at that string. */
export type Substitute = (text: string, report: Report) => string;

type Report = (code: string, message: string, remedy: string, severity?: Problem['severity']) => void;

/** Reads YAML. Never throws: what is wrong is in `problems`. */
export function readDocument(written: string, file: string, substitute?: Substitute): SourceDocument {
  const lines = new LineCounter();
  const { document, text, comments } = parse(written, lines);
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = [
    ...yamlProblems(document, text).map(({ offset, ...said }) => ({ ...placeAt(offset), code: 'yaml', ...said })),
    ...comments.map(({ offset, ...said }) => ({ ...placeAt(offset), ...said })),
  ];
  keepDigits(document, text);
  if (substitute !== undefined)
    substituteScalars(document, substitute, (node, problem) =>
      problems.push({ ...placeAt(node.range?.[0] ?? 0), ...problem }),
    );
  return {
    file,
    value: problems.some(({ code }) => code === 'yaml') ? null : toPlain(document, problems, file),
    problems,
    place: (path) => placeAt(startOf(nearest(document, path))),
    placeOfKey: (path) => placeAt(keyOffset(document, path) ?? startOf(nearest(document, path))),
    placeWithin: (path, offset) => placeAt(offsetWithin(document, path, offset, text)),
    asWritten: (path) => {
      const node = nearest(document, path);
      return isScalar(node) && typeof node.source === 'string' ? node.source : null;
    },
  };
}

interface Parsed {
  readonly document: Document.Parsed;
  /** What it was parsed from: as long as what is written, line by line. */
  readonly text: string;
  readonly comments: readonly Omit<CommentProblem, 'value'>[];
}

const MOST_MENDS = 20;

/** A value that is a comment to YAML can break all that follows: then the rest is read as if it were quoted. */
function parse(written: string, lineCounter: LineCounter): Parsed {
  const options = { prettyErrors: false, uniqueKeys: true } as const;
  let document = parseDocument(written, { ...options, lineCounter });
  let text = written;
  let comments = gluedComments(text);
  const values: CommentProblem[] = [];
  for (let mends = 0; document.errors.length > 0 && mends < MOST_MENDS; mends++) {
    // One by one: what is behind a brace that it left open may be read otherwise.
    const first = comments.find(({ flow, after }) => flow && after === 'key');
    if (first === undefined) break;
    values.push(emptiedBy(first, written));
    text = asValue(text, first);
    comments = gluedComments(text);
    document = parseDocument(text, options);
  }
  const all = [...values, ...commentProblems(document, text, comments)];
  readAsMeant(document, text, all);
  return { document, text, comments: all.map(({ value, ...problem }) => problem) };
}

/** Integers that a double does not hold exactly are bigints, as in a payload. */
function keepDigits(document: Document.Parsed, text: string): void {
  if (!/\d{16}/.test(text)) return;
  visit(document, {
    Scalar(_, node) {
      const { value, source = '' } = node;
      if (typeof value === 'number' && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source))
        node.value = BigInt(source);
    },
  });
}

function toPlain(document: Document.Parsed, problems: Problem[], file: string): unknown {
  try {
    // Aliases are capped: a few nested ones can otherwise grow to gigabytes.
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const message = `The aliases (*name) of this file cannot be resolved: ${error instanceof Error ? error.message : String(error)}.`;
    const remedy = 'Write out what they stand for.';
    problems.push({ file, line: 1, column: 1, code: 'yaml', message, remedy });
    return null;
  }
}

function substituteScalars(
  document: Document.Parsed,
  substitute: Substitute,
  report: (node: Scalar, problem: Omit<Problem, keyof Place>) => void,
): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return;
      node.value = substitute(node.value, (code, message, remedy, severity) =>
        report(node, { ...(severity && { severity }), code, message, remedy }),
      );
    },
  });
}

/** The node at `path`, or the nearest around it. What may be one or a list is the same: index 0 of a single value is it. */
function nearest(document: Document.Parsed, path: Path): Node | null {
  let node: Node | null = document.contents;
  for (const key of path) {
    if (key === 0 && !isSeq(node)) continue;
    const child: unknown = isCollection(node) ? node.get(key, true) : undefined;
    if (!isNode(child)) break;
    node = child;
  }
  return node;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function keyOffset(document: Document.Parsed, path: Path): number | undefined {
  const parent = nearest(document, path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  const last = path.at(-1);
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

/** Exact for plain and quoted one-line scalars and literal blocks; the scalar's start where folding moved the text. */
function offsetWithin(document: Document.Parsed, path: Path, offset: number, text: string): number {
  const node = nearest(document, path);
  const start = startOf(node);
  if (!isScalar(node) || typeof node.source !== 'string') return start;
  // What a variable holds may be longer than what is written.
  const within = (at: number) => Math.min(at, node.range?.[1] ?? at);
  if (node.type === Scalar.PLAIN) return within(start + offset);
  if (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE) return within(start + 1 + offset);
  if (node.type !== Scalar.BLOCK_LITERAL) return start;
  return within(literalOffset(text, start, node.source.slice(0, offset)));
}

/** Walks the raw lines of a literal block: each is the value's line behind the block's indentation. */
function literalOffset(text: string, start: number, before: string): number {
  let position = text.indexOf('\n', start) + 1;
  const indent = /^ */.exec(text.slice(position))?.[0].length ?? 0;
  const linesBefore = before.split('\n');
  for (let skip = linesBefore.length - 1; skip > 0; skip--) position = text.indexOf('\n', position) + 1;
  return position + indent + (linesBefore.at(-1)?.length ?? 0);
}
