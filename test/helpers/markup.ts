/** What Slack would make of a rendered message, read apart from the code that escapes it. */
import type { RenderedMessage } from '../../src/core/message.ts';

/** Who may be mentioned. */
export const KNOWN_USER = 'U024BE7LH';

const ALLOWED = [
  new RegExp(`^@${KNOWN_USER}$`),
  /^!date\^-?\d+\^[^|]*\|.*$/s,
  /^(?:https?:\/\/|mailto:)[^|\s]+(?:\|.*)?$/s,
];

/** Pings, channel links, links to other schemes and broken markup: everything that no data may cause. */
export function unsafeMarkup(message: RenderedMessage): string[] {
  const { text, summary, blocks = [] } = message;
  return [...unsafeIn(text), ...unsafeIn(summary), ...blocks.flatMap(unsafeInObject)];
}

/** Of one text that Slack reads as mrkdwn. */
export function unsafeIn(mrkdwn: string): string[] {
  const markup = /<([^<>]*)>/g;
  const wrong = [...mrkdwn.matchAll(markup)].filter(([, inner = '']) => !ALLOWED.some((form) => form.test(inner)));
  // At the start of a line, > quotes.
  const rest = mrkdwn.replaceAll(markup, '').replaceAll(/^(?:> ?)+/gm, '');
  return [...wrong.map(([whole]) => whole), ...(/[<>]/.test(rest) ? [rest] : [])];
}

function unsafeInObject(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]: [string, unknown]) => {
    if (typeof held !== 'string') return unsafeInObject(held);
    if (key === 'url' || key.endsWith('_url')) return /^(?:https?:\/\/|mailto:)[^<>|\s]+$/.test(held) ? [] : [held];
    // Slack parses no other text.
    const parsed = key === 'text' && ['mrkdwn', 'markdown'].includes(String(Reflect.get(value, 'type')));
    return parsed ? unsafeIn(held) : [];
  });
}
