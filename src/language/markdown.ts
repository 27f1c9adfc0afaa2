/**
 * Markdown in, Slack's mrkdwn out. It knows what people type into descriptions and chats: headings, lists, quotes,
 * fenced and inline code, links, bold, italic, strike. What it does not know (tables, HTML, reference links) stays as
 * text. Every piece of the input is escaped; time is linear in its length.
 */
import { escapeMrkdwn, safeUrl } from './escape.ts';

export function mrkdwnOf(markdown: string): string {
  let fenced = false;
  return markdown
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => {
      const fence = /^\s{0,3}(?:```|~~~)/.test(line);
      if (fence) fenced = !fenced;
      if (fence) return '```';
      return fenced ? escapeMrkdwn(line) : blockLine(line);
    })
    .concat(fenced ? ['```'] : [])
    .join('\n');
}

/** The same text without any markup. */
export function plainOf(markdown: string): string {
  return markdown
    .split('\n')
    .filter((line) => !/^\s{0,3}(?:```|~~~)/.test(line))
    .map((line) =>
      line
        .replace(/^ {0,3}(?:#{1,6} +|> ?)/, '')
        .replace(LINK, (_, _bang, text: string, url: string) => (text === '' ? url : `${text} (${url})`))
        .replace(/\*\*|__|~~|`/g, ''),
    )
    .join('\n');
}

const LINK = /(!?)\[([^[\]\n]{0,1000})\]\((\S{1,2000}?)\)/g;
/** Code, then links, then bare links in angle brackets, then emphasis: what stands first in the text wins. */
const INLINE =
  /(`{1,5})([^`]{1,2000})\1|!?\[([^[\]\n]{0,1000})\]\((\S{1,2000}?)\)|<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>|(\*\*|__|~~|\*|_)(?=\S)/g;

function blockLine(line: string): string {
  const heading = /^ {0,3}#{1,6} +(.*)$/.exec(line);
  if (heading) {
    const text = inline((heading[1] ?? '').replace(/ #+ *$/, '').replace(/\*\*|__/g, ''));
    return text.trim() === '' ? '' : `*${text}*`;
  }
  if (/^ {0,3}(?:-{3,}|\*{3,}|_{3,}) *$/.test(line)) return '———';
  const quote = /^ {0,3}(?:> ?)+(.*)$/.exec(line);
  if (quote) return `> ${inline(quote[1] ?? '')}`;
  const item = /^(\s*)[-*+] +(?:\[([ xX])\] +)?(.*)$/.exec(line);
  if (!item) return inline(line);
  const bullet = item[2] === undefined ? '•' : item[2] === ' ' ? '☐' : '☑';
  return `${item[1] ?? ''}${bullet} ${inline(item[3] ?? '')}`;
}

const MARKS: Readonly<Record<string, string>> = { '**': '*', __: '*', '~~': '~', '*': '_', _: '_' };

/** Emphasis within emphasis is markup this deep, then text. */
const DEEPEST = 3;

/** One pass: emphasis opens where a closing mark follows on the line, and stays text where none does. */
function inline(text: string, depth = 0): string {
  let out = '';
  let at = 0;
  const pattern = new RegExp(INLINE);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, , code, label, href, bare, mark] = match;
    out += escapeMrkdwn(text.slice(at, match.index));
    at = match.index + whole.length;
    if (code !== undefined) out += `\`${escapeMrkdwn(code)}\``;
    else if (mark !== undefined) {
      const end = depth < DEEPEST ? closing(text, match.index, mark) : -1;
      if (end < 0) out += escapeMrkdwn(mark);
      else {
        out += `${MARKS[mark] ?? ''}${inline(text.slice(at, end), depth + 1)}${MARKS[mark] ?? ''}`;
        at = end + mark.length;
      }
    } else out += linkMarkup(label ?? '', bare ?? href ?? '') ?? escapeMrkdwn(whole);
    pattern.lastIndex = at;
  }
  return out + escapeMrkdwn(text.slice(at));
}

/** How far emphasis reaches at most: keeps a line full of stars linear. */
const LONGEST_EMPHASIS = 500;

function closing(text: string, start: number, mark: string): number {
  const word = /[\p{L}\p{N}]/u;
  const inWord = (index: number) => word.test(text.charAt(index));
  if (mark.startsWith('_') && inWord(start - 1)) return -1;
  const window = text.slice(0, start + LONGEST_EMPHASIS);
  let end = window.indexOf(mark, start + mark.length + 1);
  while (end >= 0) {
    const after = end + mark.length;
    const doubled = mark.length === 1 && (text.charAt(after) === mark || text.charAt(end - 1) === mark);
    if (!doubled && /\S/.test(text.charAt(end - 1)) && !(mark.startsWith('_') && inWord(after))) return end;
    end = window.indexOf(mark, end + mark.length);
  }
  return -1;
}

/** `<url|text>`; null where the URL is none that Slack would link. */
export function linkMarkup(text: string, url: string): string | null {
  const safe = safeUrl(url);
  if (safe === null) return null;
  // Slack ends the link's address at the first bar; one in its text is shown as a broken bar.
  const label = escapeMrkdwn(text.replace(/\s+/g, ' ').trim().replaceAll('|', '¦'));
  return label === '' ? `<${escapeMrkdwn(safe)}>` : `<${escapeMrkdwn(safe)}|${label}>`;
}
