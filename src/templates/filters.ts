/**
 * Slack's own filters. Those that make markup give both its mrkdwn and what it says in plain words; the place where the
 * output stands takes the one it can show.
 */
import { isNoDate } from '../language/dates.ts';
import type { Filter } from '../language/filters.ts';
import { FilterGlobals, Markup, type TextContext } from '../language/markup.ts';
import { listed, personName, personOf, toText } from '../language/print.ts';
import { slackDate } from '../slack-format/date.ts';
import { escapeMrkdwn, linkMarkup, safeUrl, slug } from '../slack-format/escape.ts';
import { mrkdwnOf, plainOf } from '../slack-format/markdown.ts';

/** Twice what any text of a message holds; the rest would be converted only to be cut. */
const LONGEST_MARKDOWN = 8_000;

export const SLACK_FILTERS: Readonly<Record<string, Filter>> = {
  mention(value: unknown) {
    const context = FilterGlobals.contextOf(this.context.globals);
    const mrkdwn = (one: unknown) => mentioned(one, context);
    const plain = (one: unknown) => toText(personName(personOf(one)) ?? one);
    const many = Array.isArray(value) ? value : [value];
    const text = listed(many, mrkdwn);
    return text === '' ? '' : new Markup(text, () => listed(many, plain));
  },
  link(value: unknown, target: unknown) {
    const text = toText(value).trim();
    const url = safeUrl(toText(target));
    if (url === null) return text;
    return new Markup(linkMarkup(text, url) ?? escapeMrkdwn(text), () => (text === '' ? url : `${text} (${url})`));
  },
  slack_date(value: unknown) {
    const date = slackDate(value);
    if (date === null) return isNoDate(value) ? '' : toText(value);
    return new Markup(date.mrkdwn, () => date.plain);
  },
  mrkdwn(value: unknown) {
    const markdown = toText(value).slice(0, LONGEST_MARKDOWN);
    return markdown === '' ? '' : new Markup(mrkdwnOf(markdown), () => plainOf(markdown));
  },
  color(value: unknown) {
    return FilterGlobals.contextOf(this.context.globals)?.color?.(toText(value)) ?? '';
  },
  slug: (value: unknown) => slug(toText(value)),
};

function mentioned(value: unknown, context: TextContext | null): string {
  const person = typeof value === 'object' ? personOf(value) : toText(value);
  if (person === null || person === '') return '';
  const id = context?.mention(person);
  if (id !== undefined && /^[UW][A-Z0-9]+$/.test(id)) return `<@${id}>`;
  if (id !== undefined && /^S[A-Z0-9]+$/.test(id)) return `<!subteam^${id}>`;
  return escapeMrkdwn(typeof person === 'string' ? person : (personName(person) ?? ''));
}
