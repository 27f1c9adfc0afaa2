/** Values that YAML takes for comments, because they begin with `#` and are not quoted. */
import { CST, type Document, Lexer, Scalar, visit } from 'yaml';
import type { Place, Problem } from '../core/problem.ts';

/** A `#` with no space behind it, as no comment of a careful writer has. */
export interface GluedComment {
  readonly offset: number;
  /** From its `#` to the end of the line. */
  readonly text: string;
  /** What stands before it: the `:`, `-` or `,` of a value that is missing, or a value without quotes. */
  readonly after: 'key' | 'text';
  /** Within [ ] or { }. */
  readonly flow: boolean;
}

/** Tokens that the lexer adds to the characters of the file. */
const ADDED: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);
const DEPTHS: Readonly<Record<string, number>> = {
  'flow-map-start': 1,
  'flow-seq-start': 1,
  'flow-map-end': -1,
  'flow-seq-end': -1,
};
const BEFORE_A_COMMENT: Readonly<Record<string, GluedComment['after']>> = {
  scalar: 'text',
  comma: 'key',
  'map-value-ind': 'key',
  'seq-item-ind': 'key',
  'flow-map-start': 'key',
  'flow-seq-start': 'key',
};

export function gluedComments(text: string): readonly GluedComment[] {
  if (!/\s#[^\s#!]/.test(text)) return [];
  const found: GluedComment[] = [];
  let offset = 0;
  let depth = 0;
  let after: GluedComment['after'] | null = null;
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    const type = previous === CST.SCALAR ? 'scalar' : CST.tokenType(token);
    previous = token;
    if (ADDED.has(token)) continue;
    const glued = type === 'comment' && /^#[^\s#!]/.test(token);
    if (glued && after !== null) found.push({ offset, text: token, after, flow: depth > 0 });
    depth = Math.max(0, depth + (DEPTHS[String(type)] ?? 0));
    if (type !== 'space') after = BEFORE_A_COMMENT[String(type)] ?? null;
    offset += token.length;
  }
  return found;
}

export interface CommentProblem extends Omit<Problem, keyof Place> {
  readonly offset: number;
  /** What was probably meant; null where there is a value. */
  readonly value: string | null;
}

/** Values that are missing, and texts that are cut short. */
export function commentProblems(
  document: Document.Parsed,
  text: string,
  comments: readonly GluedComment[],
): CommentProblem[] {
  if (comments.length === 0) return [];
  const empty: number[] = [];
  const texts = new Map<number, string>();
  visit(document, {
    Scalar(key, { value, source, type, range }) {
      if (key === 'key' || !range) return;
      if (value === null && !source) empty.push(range[0]);
      if (typeof value === 'string' && type === Scalar.PLAIN) texts.set(range[1], value);
    },
  });
  return comments.flatMap((comment) => {
    const { offset, after } = comment;
    const end = text.slice(0, offset).trimEnd().length;
    if (after === 'text') return isShortened(texts.get(end), comment) ? [{ offset, value: null, ...SHORTENED }] : [];
    const isEmpty = empty.some((start) => start <= offset && text.slice(start, offset).trim() === '');
    return isEmpty ? [emptiedBy(comment, text)] : [];
  });
}

/** A comment behind a value of one word may be one. */
function isShortened(value: string | undefined, { text }: GluedComment): boolean {
  return value !== undefined && (/\s|\{\{/.test(value) || text.includes('{{'));
}

const SHORTENED = {
  severity: 'warning',
  code: 'comment-in-a-value',
  message: '# starts a comment here, so the value ends before it.',
  remedy: 'Put the whole value in quotes. If this is a comment, put a space behind #.',
} as const;

/** Keys whose values may be shown; any other may hold a secret. */
const SHOWN = /(?:^|[\s{,])(?:channel|fallback_channel|color)\s*:\s*$/;

export function emptiedBy(comment: GluedComment, text: string): CommentProblem {
  const { offset } = comment;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const key = /([\w.-]+)["']?\s*:\s*$/.exec(line)?.[1];
  const value = valueIn(comment);
  return {
    offset,
    value,
    code: 'comment-as-a-value',
    message: `# starts a comment here, so ${key ?? 'this item'} has no value.`,
    remedy: SHOWN.test(line) && !value.includes('"') ? `Quote it: ${key}: "${value}".` : 'Quote the value: "#…".',
  };
}

/** Gives the document the values that were meant, so that nothing more is said of them. */
export function readAsMeant(document: Document.Parsed, text: string, problems: readonly CommentProblem[]): void {
  const meant = problems.filter(({ value }) => value !== null);
  if (meant.length === 0) return;
  visit(document, {
    Scalar(key, node) {
      const start = node.range?.[0];
      if (key === 'key' || start === undefined) return;
      const found = meant.find(({ offset }) => start <= offset && text.slice(start, offset).trim() === '');
      if (found !== undefined) node.value = found.value;
    },
  });
}

/** What was probably meant as the value: up to the comma or bracket that ends it. */
function valueIn({ text, flow }: GluedComment): string {
  return (flow ? /^#(?:\{\{.*?\}\}|[^,\]}\s])+/ : /^.*\S/).exec(text)?.[0] ?? '#';
}

/** The text in which it is a value; what is behind it keeps its place. */
export function asValue(text: string, comment: GluedComment): string {
  const { length } = valueIn(comment);
  return `${text.slice(0, comment.offset)}${'_'.repeat(length)}${text.slice(comment.offset + length)}`;
}
