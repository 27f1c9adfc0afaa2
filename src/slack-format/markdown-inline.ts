/** What stands within one paragraph of Markdown: emphasis, code, links. */
import type { Token } from 'markdown-it';
import { escapeMrkdwn, linkMarkup } from './escape.ts';

/** How each part is written: as mrkdwn, or as plain text. */
export interface Style {
  text(text: string): string;
  /** A character that was escaped with a backslash, so that it means nothing. */
  literal(character: string): string;
  /** The mark on both sides of what a tag emphasizes. */
  readonly marks: Readonly<Record<string, string>>;
  code(text: string): string;
  /** Without backticks that would begin or end a block of code. */
  unfenced(text: string): string;
  codeBlock(text: string): string;
  link(label: string, url: string): string;
  /** Before each line of a quotation. */
  readonly quote: string;
}

/**
 * Slack has no escape for `*`, `_`, `~` and backticks. A zero-width space inside keeps a mark from opening or closing;
 * outside, it lets one stand within a word.
 */
const GAP = '\u200b';

export const MRKDWN: Style = {
  text: escapeMrkdwn,
  literal: (character) => escapeMrkdwn(character) + (/[*_~`]/.test(character) ? GAP : ''),
  marks: { strong: '*', em: '_', s: '~' },
  code: (text) => (text.includes('`') ? escapeMrkdwn(text) : `\`${escapeMrkdwn(text)}\``),
  unfenced: (text) => text.replaceAll(/`(?=``)/g, `\`${GAP}`),
  codeBlock: (text) => `\`\`\`\n${MRKDWN.unfenced(escapeMrkdwn(text))}\n\`\`\``,
  link: (label, url) => linkMarkup(label, url) ?? escapeMrkdwn(label),
  quote: '> ',
};

export const PLAIN: Style = {
  text: (text) => text,
  literal: (character) => character,
  marks: {},
  code: (text) => text,
  unfenced: (text) => text,
  codeBlock: (text) => text,
  link: (label, url) => (label === '' || label === url ? url : `${label} (${url})`),
  quote: '',
};

const BREAKS: ReadonlySet<string> = new Set(['softbreak', 'hardbreak']);
const WORD = /[\p{L}\p{N}]/u;

/** `around`: tags that emphasize the whole. Slack's emphasis ends with the line: it is closed and opened again there. */
export function inlineText(tokens: readonly Token[], style: Style, around: readonly string[] = []): string {
  const open = around.map((tag) => style.marks[tag] ?? '');
  let out = open.join('');
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.type === 'link_open') {
      const close = closingOf(tokens, at);
      out += linkText(tokens.slice(at + 1, close), { url: String(token.attrGet('href')), style, open });
      at = close;
    } else if (BREAKS.has(token.type)) out += `${open.toReversed().join('')}\n${open.join('')}`;
    else if (token.nesting === 1) {
      const mark = style.marks[token.tag] ?? '';
      open.push(open.includes(mark) ? '' : mark);
      out += betweenWords(out, open.at(-1)) + (open.at(-1) ?? '');
    } else if (token.nesting === -1) {
      const mark = open.pop() ?? '';
      out += mark + betweenWords(tokens[at + 1]?.content.charAt(0), mark);
    } else out += leafText(token, style);
  }
  return style.unfenced(out + open.toReversed().join(''));
}

/** Slack takes a mark for one only at a word's edge. `beside`: what ends or begins at the mark. */
function betweenWords(beside = '', mark = ''): string {
  return mark !== '' && WORD.test(beside.slice(-1)) ? GAP : '';
}

function leafText(token: Token, style: Style): string {
  switch (token.type) {
    case 'code_inline':
      return style.code(token.content);
    case 'image':
      return style.link(labelOf(token.children ?? []), String(token.attrGet('src')));
    case 'text_special':
      return token.info === 'escape' ? style.literal(token.content) : style.text(token.content);
    default:
      return style.text(token.content);
  }
}

interface Link {
  readonly url: string;
  readonly style: Style;
  /** Marks that are open around it. */
  readonly open: readonly string[];
}

/** Slack shows no marks within a link: what emphasizes the whole label goes around it. */
function linkText(tokens: readonly Token[], { url, style, open }: Link): string {
  const label = tokens.filter(({ type, content }) => type !== 'text' || content !== '');
  const [first] = label;
  const mark = first?.nesting === 1 && closingOf(label, 0) === label.length - 1 ? style.marks[first.tag] : undefined;
  if (mark === undefined || open.includes(mark)) return style.link(labelOf(label), url);
  return mark + linkText(label.slice(1, -1), { url, style, open: [...open, mark] }) + mark;
}

export function labelOf(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'image') return labelOf(token.children ?? []);
      return BREAKS.has(token.type) ? ' ' : token.content;
    })
    .join('');
}

function closingOf(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let at = opening; at < tokens.length; at++) {
    depth += tokens[at]?.nesting ?? 0;
    if (depth === 0) return at;
  }
  return tokens.length;
}
