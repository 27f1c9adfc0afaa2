/** What is wrong with a file as YAML, in the words of somebody who does not know YAML's own. */
import { type Document, isMap, isScalar, Scalar, visit } from 'yaml';

export interface YamlProblem {
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

/** The first mistake makes most of the others; keys that come twice are told all. */
export function yamlProblems(document: Document.Parsed, text: string): YamlProblem[] {
  const unquoted = unquotedLiquid(document, text) ?? mergeKey(document);
  if (unquoted !== null) return [unquoted];
  const errors = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const twice = errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  const told = twice.length === errors.length ? errors : errors.slice(0, 1);
  const tags = document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED').slice(0, 1);
  return [...told, ...(told.length === 0 ? tags : [])].map(({ code, message, pos: [offset] }) => ({
    offset: code === 'MISSING_CHAR' && message.includes('quote') ? lastQuote(document, offset) : offset,
    ...(explainLine(text, offset) ?? explain(code, message, text.slice(offset))),
  }));
}

/** What the line gives away, whatever YAML makes of it. */
function explainLine(text: string, offset: number): Said | null {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const [line = ''] = text.slice(start).split('\n');
  const [, dashed] = /^\s*-([A-Za-z_]\w*):/.exec(line) ?? [];
  if (dashed !== undefined)
    return { message: 'A space is missing behind the -.', remedy: `Write - ${dashed}: and so on.` };
  const [, emoji] = /:\s+:([\w+-]+):/.exec(line) ?? [];
  return emoji === undefined
    ? null
    : { message: 'The name of an emoji is written without its colons here.', remedy: `Write ${emoji}.` };
}

type Said = Omit<YamlProblem, 'offset'>;

const AS_IT_STANDS: Readonly<Record<string, Said>> = {
  BAD_ALIAS: { message: 'A value that begins with * means something else in YAML.', remedy: 'Put it in quotes: "*".' },
  TAG_RESOLVE_FAILED: {
    message: 'A value that begins with ! means something else in YAML.',
    remedy: "Put the whole value in single quotes: '!(…)'.",
  },
  TAB_AS_INDENT: { message: 'A tab cannot indent a line in YAML.', remedy: 'Use spaces.' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A value with a colon and a space in it needs quotes.',
    remedy: 'Put the whole value in single quotes.',
  },
  MULTIPLE_DOCS: { message: 'A second document begins here, with ---.', remedy: 'Remove it: a file holds one.' },
  UNEXPECTED_TOKEN: {
    message: 'Something stands behind the end of this value.',
    remedy:
      'A value that begins with a quotation mark, [ or { ends with it, and in { } a value ends with [ or a comma: put the whole value in single quotes.',
  },
};

function explain(code: string, message: string, rest: string): Said {
  const known = AS_IT_STANDS[code];
  if (known !== undefined) return known;
  switch (code) {
    case 'DUPLICATE_KEY': {
      const key = /^[^:\s]+/.exec(rest)?.[0] ?? '';
      return { message: `The key ${key} stands here a second time.`, remedy: 'Keep one of them.' };
    }
    case 'BAD_INDENT':
      return message.startsWith('Flow') ? unclosed(message) : indented;
    case 'MISSING_CHAR':
      if (message.includes('quote')) return quote;
      return /^\s*[\w-]+:\s/.test(rest) ? indented : noValue;
    case 'MULTILINE_IMPLICIT_KEY':
      return noValue;
    case 'BAD_SCALAR_START':
      return {
        message: `A value cannot begin with ${rest.charAt(0)} in YAML.`,
        remedy: 'Put the whole value in quotes.',
      };
    case 'BAD_DQ_ESCAPE': {
      const sequence = /^\\./.exec(rest)?.[0] ?? 'of this kind';
      return {
        message: `In double quotes, there is no ${sequence}.`,
        remedy: `Write \\${sequence}, or use single quotes, in which a backslash is a backslash.`,
      };
    }
    default:
      return { message: /[.!?]$/.test(message) ? message : `${message}.`, remedy: 'Correct it as YAML.' };
  }
}

const indented: Said = {
  message: 'This line is indented neither like the lines it belongs to nor like what is around them.',
  remedy: 'Begin keys that belong together in the same column.',
};

const quote: Said = { message: 'This quotation mark is not closed.', remedy: 'Add the closing one.' };

const noValue: Said = {
  message: 'This line is no "key: value".',
  remedy: 'Put a colon and a space behind the key; lines that continue a text are indented deeper than its key.',
};

function unclosed(message: string): Said {
  const [open, close] = message.includes('sequence') ? ['[', ']'] : ['{', '}'];
  return {
    message: `The ${open} above is not closed before this line.`,
    remedy: `Add ${close}, or indent this line if it still belongs there.`,
  };
}

function lastQuote(document: Document.Parsed, end: number): number {
  let at = end;
  visit(document, {
    Scalar(_, { type, range }) {
      const quoted = type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE;
      if (quoted && range && range[0] < end) at = range[0];
    },
  });
  return at;
}

/** In YAML 1.2 `<<` is a key like any other. */
function mergeKey(document: Document.Parsed): YamlProblem | null {
  let offset: number | null = null;
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN) offset ??= key.range?.[0] ?? null;
    },
  });
  return offset === null
    ? null
    : {
        offset,
        message: 'Keys cannot be merged with <<.',
        remedy: 'Write them out; an alias (*name) can stand for a whole value.',
      };
}

const LONGEST_SHOWN = 100;

/** `{{ x }}` without quotes is, to YAML, a map whose key is a map; `{% x %}` a map, too. */
function unquotedLiquid(document: Document.Parsed, text: string): YamlProblem | null {
  let offset: number | null = null;
  let isRoot = false;
  visit(document, {
    Map(_, map) {
      const { items, range } = map;
      if (offset !== null || !range) return;
      const [first] = items;
      const inner = first !== undefined && isMap(first.key) && text.startsWith('{{', range[0]);
      const tag = first !== undefined && isScalar(first.key) && text.startsWith('{%', range[0]);
      if (!inner && !tag) return;
      [offset] = range;
      isRoot = map === document.contents;
    },
  });
  if (offset === null) return null;
  const start = text.lastIndexOf('\n', offset) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const [, before = '', value = ''] = /^([\s-]*\w+:\s+)(.*?)\s*$/.exec(line) ?? [];
  // In braces, only a reader can tell where the text ends.
  const whole =
    value !== '' && !/^(\[|\{(?![{%]))/.test(value) && !value.includes("'") && value.length <= LONGEST_SHOWN;
  const quoteIt = isRoot ? 'Write a key, then the text in quotes, as in text: "…".' : 'Put the whole text in quotes.';
  return {
    offset: whole ? start + before.length : offset,
    message: 'Text with {{ }} or {% %} needs quotes.',
    remedy: whole ? `Write '${value}'.` : quoteIt,
  };
}
