/**
 * Slack's mrkdwn as a tree. The block renderer's own reading differs from Slack's where it matters here: it takes
 * escaped `&lt;!channel&gt;` for a mention, Markdown headings and rules for nothing at all, and plain text for mrkdwn.
 */
import { emojiCharacter } from './emoji.ts';

export type Node =
  | { readonly kind: 'text' | 'code' | 'pre'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'quote'; readonly children: readonly Node[] }
  | { readonly kind: 'break' }
  | { readonly kind: 'emoji'; readonly name: string; readonly character: string }
  | { readonly kind: 'link'; readonly url: string; readonly label: string }
  | { readonly kind: 'user' | 'channel'; readonly id: string; readonly label: string | null }
  | { readonly kind: 'broadcast'; readonly label: string }
  | { readonly kind: 'date'; readonly seconds: number; readonly format: string; readonly fallback: string };

const FENCE = /```\n?([\s\S]+?)\n?```/g;
const QUOTE = /^(?:&gt;|>) ?/;
const EMOJI = /:([a-z0-9_+'-]+)(?:::skin-tone-[2-6])?:/g;
const SAFE_URL = /^(?:https?:\/\/|mailto:)/i;

/**
 * Code, `<…>`, bold, italic, strike-through, bare addresses; in this order. Styles need word boundaries outside, and
 * are only looked for over so many characters, to stay linear in hostile text.
 */
const INLINE =
  /`([^`\n]{1,1000})`|<([^<>\n]{1,4000})>|(?<![\p{L}\p{N}*_~])([*_~])(?![\s\u200b]|\3)([^\n]{0,1000}?\S)\3(?![\p{L}\p{N}])|(https?:\/\/[^\s<>|]+)/gu;

const STYLES: Readonly<Record<string, 'bold' | 'italic' | 'strike'>> = { '*': 'bold', _: 'italic', '~': 'strike' };

export function parseMrkdwn(source: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const match of source.matchAll(FENCE)) {
    nodes.push(...lines(source.slice(from, match.index).replace(/\n$/, '')));
    nodes.push({ kind: 'pre', text: decode((match[1] ?? '').replace(/<([^<>|]+)(?:\|[^<>]*)?>/g, '$1')) });
    from = match.index + match[0].length;
  }
  return [...nodes, ...lines(from === 0 ? source : source.slice(from).replace(/^\n/, ''))];
}

/** plain_text: no markup, but emoji names and line breaks. */
export function parsePlain(source: string, withEmoji: boolean): Node[] {
  return joinLines(source.split('\n').map((line) => (withEmoji ? emoji(line) : [plain(line)])));
}

/** True for addresses a link may lead to: never `javascript:` or `data:`. */
export function isSafeUrl(url: string): boolean {
  return SAFE_URL.test(url);
}

function lines(source: string): Node[] {
  if (source === '') return [];
  const groups: { quoted: boolean; lines: string[] }[] = [];
  for (const line of source.split('\n')) {
    const quoted = QUOTE.test(line);
    const last = groups.at(-1);
    const content = quoted ? line.replace(QUOTE, '') : line;
    if (last?.quoted === quoted) last.lines.push(content);
    else groups.push({ quoted, lines: [content] });
  }
  return groups.flatMap((group): Node[] => {
    const children = joinLines(group.lines.map(inline));
    return group.quoted ? [{ kind: 'quote', children }] : children;
  });
}

function joinLines(parsed: readonly Node[][]): Node[] {
  return parsed.flatMap((line, index): Node[] => (index === 0 ? line : [{ kind: 'break' }, ...line]));
}

function inline(source: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const match of source.matchAll(INLINE)) {
    nodes.push(...emoji(source.slice(from, match.index)), special(match));
    from = match.index + match[0].length;
  }
  return [...nodes, ...emoji(source.slice(from))];
}

function special(match: RegExpExecArray): Node {
  const [whole, code, angled, mark, styled, url] = match;
  if (code !== undefined) return { kind: 'code', text: decode(code) };
  if (angled !== undefined) return reference(angled, whole);
  const style = STYLES[mark ?? ''];
  if (style !== undefined && styled !== undefined) return { kind: style, children: inline(styled) };
  return { kind: 'link', url: decode(url ?? ''), label: decode(url ?? '') };
}

/** What stands between `<` and `>`. */
function reference(content: string, whole: string): Node {
  const bar = content.indexOf('|');
  const target = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? null : decode(content.slice(bar + 1));
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1), label };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1), label };
  const date = /^!date\^(\d{1,12})\^([^^]+)/.exec(target);
  if (date !== null) return { kind: 'date', seconds: Number(date[1]), format: date[2] ?? '', fallback: label ?? '' };
  const group = /^!subteam\^(\w+)/.exec(target);
  if (group?.[1] !== undefined) return { kind: 'user', id: group[1], label };
  if (target.startsWith('!')) return { kind: 'broadcast', label: label ?? `@${target.slice(1).replace(/\^.*$/, '')}` };
  const url = decode(target);
  return isSafeUrl(url) ? { kind: 'link', url, label: label ?? url.replace(/^mailto:/, '') } : plain(whole);
}

function emoji(source: string): Node[] {
  if (source === '') return [];
  const nodes: Node[] = [];
  let from = 0;
  for (const match of source.matchAll(EMOJI)) {
    const name = match[1] ?? '';
    const character = emojiCharacter(name);
    if (character === null) continue;
    if (match.index > from) nodes.push(plain(source.slice(from, match.index)));
    nodes.push({ kind: 'emoji', name, character });
    from = match.index + match[0].length;
  }
  if (from < source.length) nodes.push(plain(source.slice(from)));
  return nodes;
}

function plain(source: string): Node {
  return { kind: 'text', text: decode(source) };
}

/** Escapes undone. Slack knows these three only; the ampersand last, so that `&amp;lt;` shows as `&lt;`. */
export function decode(source: string): string {
  return source.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
