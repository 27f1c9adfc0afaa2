/**
 * Escapes text for Slack. This folder holds Slack's formats and limits: mrkdwn, Block Kit, channel names. It knows no
 * event, no template and no network, and pages for browsers import it, too.
 *
 * Escaping makes a value from outside safe for the place where it is shown. What is escaped is data; the text around it
 * is the template author's own.
 */

/** `name`: a Slack channel's name. */
export type TextPlace = 'mrkdwn' | 'plain_text' | 'url' | 'name';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Exactly the three characters that Slack gives a meaning: everything else in an entity would be shown as it is. */
export function escapeMrkdwn(text: string): string {
  return clean(text).replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

/** The text that escaped mrkdwn shows. */
export function unescapeMrkdwn(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export function escapeFor(place: TextPlace, text: string): string {
  switch (place) {
    case 'mrkdwn':
      return escapeMrkdwn(text);
    case 'plain_text': // Slack shows it as it is: an entity would be seen.
      return clean(text);
    case 'url':
      return clean(text).replace(/[\s<>"|\\^`{}]/g, (character) => encodeURIComponent(character));
    case 'name':
      return CHANNEL_ID.test(text.trim()) ? text.trim() : slug(text);
  }
}

const CONTROL = /[^\P{Cc}\n\t]/u;
const CONTROLS = new RegExp(CONTROL, 'gu');

/** Without what JSON or Slack cannot carry: control characters but newline and tab, and halves of a surrogate pair. */
function clean(text: string): string {
  return CONTROL.test(text) || !text.isWellFormed() ? text.toWellFormed().replaceAll(CONTROLS, '') : text;
}

/** A channel's, a group's or a direct conversation's; words in capitals have no digit. */
const CHANNEL_ID = /^[CGD](?=[A-Z]*\d)[A-Z0-9]{8,}$/;

/** A channel as it was rendered: an id stands alone, and every name is in lower case. */
export function channelFrom(rendered: string): string {
  const alone = rendered.trim().replace(/^#/, '');
  return CHANNEL_ID.test(alone) ? alone : rendered.toLowerCase();
}

const LONGEST_NAME = 80;

/** Letters and digits in lower case, everything else as single hyphens: what a channel's name may hold. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '-')
    .slice(0, LONGEST_NAME)
    .toWellFormed()
    .replace(/^-+|-+$|\uFFFD/g, '');
}

/** The URL as Slack takes it, or null where it is none that a message may link to. */
export function safeUrl(text: string): string | null {
  const trimmed = text.trim();
  if (!/^(https?:\/\/[^/]|mailto:.)/i.test(trimmed)) return null;
  const url = URL.parse(trimmed);
  return url === null ? null : url.href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C');
}

/**
 * `<url|text>`; null where the URL is none that Slack would link. A text that looks like the address of another host
 * stands before the link, instead of disguising it.
 */
export function linkMarkup(text: string, url: string): string | null {
  const safe = safeUrl(url);
  if (safe === null) return null;
  const link = escapeMrkdwn(safe);
  // Slack ends the link's address at the first bar; one in its text is shown as a broken bar.
  const label = escapeMrkdwn(text.replace(/\s+/g, ' ').trim().replaceAll('|', '¦'));
  if (label === '') return `<${link}>`;
  return hostOf(text) === null || hostOf(text) === hostOf(safe) ? `<${link}|${label}>` : `${label} (<${link}>)`;
}

/** Null for what does not begin like the address of a page. */
function hostOf(text: string): string | null {
  const [, scheme, rest] = /^\s*(?:(https?:\/\/)|(?=www\.))(.+)/is.exec(text) ?? [];
  if (rest === undefined) return null;
  return (URL.parse(`${scheme ?? 'https://'}${rest}`)?.host ?? '').replace(/^www\./, '');
}
