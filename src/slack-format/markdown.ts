/**
 * Markdown in, Slack's mrkdwn out, as CommonMark reads it with GitHub's tables and strike-through. What Slack cannot
 * show becomes what comes nearest: headings bold, bullets and boxes as characters, tables aligned in a code block. HTML,
 * and links to other than web and mail addresses, stay as they were typed. Every piece of the input is escaped; the
 * parser was chosen because its time is linear in hostile input.
 */
import createParser, { type MarkdownIt, type Token } from 'markdown-it';
import { safeUrl } from './escape.ts';
import { inlineText, MRKDWN, PLAIN, type Style } from './markdown-inline.ts';
import { type Cell, tableText } from './markdown-table.ts';
import { bareUrl } from './markdown-url.ts';

export function mrkdwnOf(markdown: string): string {
  return converted(markdown, MRKDWN);
}

/** The same text without any markup. */
export function plainOf(markdown: string): string {
  return converted(markdown, PLAIN);
}

/** Deeper nested than any text a person writes: shown as it was typed, because the parser leaves out what is deeper. */
const DEEPEST = 20;

/** Made when it is first needed. */
let parser: MarkdownIt | null = null;

function parse(markdown: string): Token[] {
  if (parser === null) {
    parser = createParser({ maxNesting: DEEPEST });
    // Joined, an escaped character could no longer be told from a mark.
    parser.disable('text_join');
    parser.inline.ruler.before('text', 'bare_url', bareUrl);
    parser.validateLink = (url) => safeUrl(url) !== null;
  }
  return parser.parse(markdown, {});
}

function converted(markdown: string, style: Style): string {
  const tokens = parse(markdown);
  const tooDeep = tokens.some(({ level, nesting }) => nesting === 1 && level >= DEEPEST - 1);
  const text = tooDeep ? '' : joined(new Walk(tokens, markdown.split(/\r\n?|\n/), style).pieces());
  // Nothing that was typed disappears as a whole, such as a lone link definition.
  return text.trim() === '' ? style.unfenced(style.text(markdown.replaceAll(/\r\n?/g, '\n'))) : text;
}

interface Piece {
  readonly text: string;
  /** Slack knows it only at the beginning of a line: no list indents it. */
  readonly atMargin: boolean;
  /** A blank line is before it. */
  readonly apart: boolean;
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text, apart }, index) => (index === 0 ? text : `${apart ? '\n\n' : '\n'}${text}`)).join('');
}

/** Goes through the tokens once; containers prefix the lines of what is in them. */
class Walk {
  readonly #tokens: readonly Token[];
  readonly #lines: readonly string[];
  readonly #style: Style;
  #at = 0;

  constructor(tokens: readonly Token[], lines: readonly string[], style: Style) {
    this.#tokens = tokens;
    this.#lines = lines;
    this.#style = style;
  }

  /** Up to the end of the container that was entered. */
  pieces(): Piece[] {
    const pieces: Piece[] = [];
    for (let token = this.#next(); token !== null && token.nesting !== -1; token = this.#next()) {
      const apart = this.#isApart(token);
      const [first, ...rest] = this.#block(token).filter(({ text }) => text !== '');
      if (first !== undefined) pieces.push({ ...first, apart }, ...rest);
    }
    return pieces;
  }

  #next(): Token | null {
    return this.#tokens[this.#at++] ?? null;
  }

  /** As it was typed: what stood line below line stays so. */
  #isApart({ map }: Token): boolean {
    return map !== null && /^[\s>]*$/.test(this.#lines[map[0] - 1] ?? 'none');
  }

  #block(token: Token): Piece[] {
    switch (token.type) {
      case 'inline':
        return [textPiece(inlineText(token.children ?? [], this.#style))];
      case 'heading_open':
        return [textPiece(this.#heading())];
      case 'hr':
        return [textPiece('———')];
      case 'fence':
      case 'code_block':
        return [{ text: this.#style.codeBlock(token.content.replace(/\n$/, '')), atMargin: true, apart: false }];
      case 'blockquote_open':
        return quoted(this.pieces(), this.#style.quote);
      case 'bullet_list_open':
        return this.#list(() => '• ');
      case 'ordered_list_open': {
        let number = Number(token.attrGet('start') ?? 1);
        return this.#list(() => `${number++}. `);
      }
      case 'table_open':
        return [{ ...tableText(this.#rows(), this.#style), apart: false }];
      default:
        return this.pieces();
    }
  }

  #heading(): string {
    const children = this.#next()?.children ?? [];
    this.#at++;
    return children.length === 0 ? '' : inlineText(children, this.#style, ['strong']);
  }

  #list(bullet: () => string): Piece[] {
    const pieces: Piece[] = [];
    for (let item = this.#next(); item?.type === 'list_item_open'; item = this.#next()) {
      const apart = pieces.length > 0 && this.#isApart(item);
      const [first, ...rest] = this.pieces();
      const [text, mark] = checkbox(first === undefined || first.atMargin ? '' : first.text, bullet());
      pieces.push({ ...textPiece(prefixed(text, INDENT).replace(INDENT, mark)), apart });
      const below = first?.atMargin === true ? [{ ...first, apart: false }, ...rest] : rest;
      pieces.push(...below.map((piece) => (piece.atMargin ? piece : { ...piece, text: prefixed(piece.text, INDENT) })));
    }
    return pieces;
  }

  #rows(): Cell[][] {
    const rows: Cell[][] = [];
    for (let token = this.#next(); token !== null && token.type !== 'table_close'; token = this.#next()) {
      if (token.type === 'tr_open') rows.push([]);
      else if (token.type === 'inline') rows.at(-1)?.push(token.children ?? []);
    }
    return rows;
  }
}

const INDENT = '    ';

function textPiece(text: string): Piece {
  return { text, atMargin: false, apart: false };
}

function checkbox(text: string, bullet: string): [text: string, mark: string] {
  const [whole = '', state] = /^\[([ xX])\] +/.exec(text) ?? [];
  return [text.slice(whole.length), state === undefined ? bullet : state === ' ' ? '☐ ' : '☑ '];
}

function prefixed(text: string, prefix: string): string {
  return prefix + text.replaceAll('\n', `\n${prefix}`);
}

/** Slack's quotations do not nest, and hold no code block. */
function quoted(pieces: readonly Piece[], mark: string): Piece[] {
  return pieces.map((piece, index) => {
    if (mark === '' || (piece.atMargin && !piece.text.startsWith(mark))) return piece;
    const text = piece.text.replace(/^(?!> )/gm, mark);
    const joins = index > 0 && piece.apart;
    return { text: joins ? `${mark}\n${text}` : text, atMargin: true, apart: piece.apart && !joins };
  });
}
