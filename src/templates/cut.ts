/** Cutting text to a size without leaving half of anything. */

export type Markup = 'mrkdwn' | 'plain';

/** How far from its end a text may be in the middle of an entity: `&quot`. */
const LONGEST_ENTITY = 6;

/**
 * At most `max` UTF-16 units, with an ellipsis where something was cut. Never ends within a surrogate pair, an entity
 * (`&amp;`), or a link or mention (`<…>`), which goes as a whole.
 */
export function cut(text: string, max: number, markup: Markup): string {
  if (text.length <= max) return text;
  if (max < 1) return '';
  let end = max - 1;
  if (markup === 'mrkdwn') {
    const open = text.lastIndexOf('<', end - 1);
    if (open >= 0 && text.lastIndexOf('>', end - 1) < open) end = open;
    const entity = text.lastIndexOf('&', end - 1);
    if (entity >= 0 && end - entity < LONGEST_ENTITY && !text.slice(entity, end).includes(';')) end = entity;
  }
  if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end--;
  return `${text.slice(0, end).trimEnd()}…`;
}

/** The text on one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
