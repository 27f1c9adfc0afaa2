/** Cutting text to a size without leaving half of anything. */

export type Markup = 'mrkdwn' | 'plain';

/** A link, a mention, a date: what stands between `<` and `>` in mrkdwn. */
const MARKUP = /<((?:https?:\/\/|mailto:|[@#!])[^<>|]*)(?:\|([^<>]*))?>/g;

/** A link that takes more than this share of the room gives way to what is around it. */
const MOST_OF_A_LINK = 1 / 4;

const FENCE = '```';

/**
 * At most `max` UTF-16 units, with an ellipsis where something was cut. Never ends within a surrogate pair; in mrkdwn
 * nor within an entity (`&amp;`), a link, a mention or a date: those become their text where they do not fit, or go as
 * a whole. A block of code that is cut is closed.
 */
export function cut(text: string, max: number, markup: Markup): string {
  if (text.length <= max) return text;
  if (max < 1) return '';
  if (markup === 'plain') return `${text.slice(0, wholeEnd(text, max - 1, markup)).trimEnd()}…`;
  const written = withoutLongLinks(text, max);
  const all = filled(written, max);
  if (all.whole) return all.text;
  const short = `${filled(written, max - 1).text.trimEnd()}…`;
  return endsInCode(short) ? closed(filled(written, max - FENCE.length - 2).text) : short;
}

/** The text on one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The longest first, until the text fits or none of them is long. */
function withoutLongLinks(text: string, max: number): string {
  if (text.length <= max) return text;
  let over = text.length - max;
  const links = [...text.matchAll(MARKUP)].filter(
    ([whole, target = '']) => whole.length > max * MOST_OF_A_LINK && !/^[@#!]/.test(target),
  );
  const dropped = new Set<number>();
  for (const { 0: whole, 2: label = '…', index } of links.toSorted(([a], [b]) => b.length - a.length)) {
    if (over <= 0) break;
    over -= whole.length - label.length;
    dropped.add(index);
  }
  if (dropped.size === 0) return text;
  return text.replaceAll(MARKUP, (whole, _, label: string | undefined, index: number) =>
    dropped.has(index) ? (label ?? '…') : whole,
  );
}

/** As much as there is room for. Not `whole`: something is missing, other than where links lead. */
function filled(text: string, room: number): { readonly text: string; readonly whole: boolean } {
  let out = '';
  let from = 0;
  const add = (part: string): boolean => {
    const end =
      part.length <= room - out.length ? part.length : wholeEnd(part, Math.max(0, room - out.length), 'mrkdwn');
    out += part.slice(0, end);
    return end === part.length;
  };
  for (const { 0: whole, 2: label, index } of text.matchAll(MARKUP)) {
    if (!add(text.slice(from, index))) return { text: out, whole: false };
    from = index + whole.length;
    if (whole.length <= room - out.length) out += whole;
    else if (label === undefined || !add(label)) return { text: out, whole: false };
  }
  return { whole: add(text.slice(from)), text: out };
}

/** How far from its end a text may be in the middle of an entity: `&quot`. */
const LONGEST_ENTITY = 6;

/** Where to end so that nothing is halved; `end` or a little less. */
function wholeEnd(text: string, end: number, markup: Markup): number {
  if (markup === 'mrkdwn') {
    const entity = end === 0 ? -1 : text.lastIndexOf('&', end - 1);
    if (entity >= 0 && end - entity < LONGEST_ENTITY && !text.slice(entity, end).includes(';')) return entity;
    if (text.charAt(end) === '`') return text.slice(0, end).replace(/`{1,2}$/, '').length;
  }
  return /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? end - 1 : end;
}

function endsInCode(text: string): boolean {
  return text.split(FENCE).length % 2 === 0;
}

/** One that would be empty goes instead. */
function closed(text: string): string {
  const kept = text.trimEnd();
  if (!endsInCode(kept)) return `${kept}…`;
  return kept.endsWith(FENCE) ? `${kept.slice(0, -FENCE.length).trimEnd()}…` : `${kept}…\n${FENCE}`;
}
