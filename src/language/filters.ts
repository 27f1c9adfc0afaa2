/**
 * The filters beside Liquid's own. Those that make markup give both its mrkdwn and what it says in plain words; the
 * place where the output stands takes the one it can show.
 */
import { Drop, type FilterImplOptions } from 'liquidjs';
import type { Person } from '../core/event.ts';
import { escapeMrkdwn, linkMarkup, safeUrl, slug, unescapeMrkdwn } from '../slack-format/escape.ts';
import { mrkdwnOf, plainOf } from '../slack-format/markdown.ts';
import { isNoDate, slackDate } from './dates.ts';
import { factsOf } from './facts.ts';
import { listed, personName, personOf, toText } from './print.ts';
import type { WorkBudget } from './work.ts';

export interface TextContext {
  /** The Slack user id of a person, or of an id or e-mail address, where it is known. */
  mention(who: Person | string): string | undefined;
}

/** What a render hands to its filters. No template can name it: unknown variables do not compile. */
export class FilterGlobals {
  readonly #context: TextContext;
  readonly #work: WorkBudget;

  constructor(context: TextContext, work: WorkBudget) {
    this.#context = context;
    this.#work = work;
  }

  static contextOf(globals: unknown): TextContext | null {
    return globals instanceof FilterGlobals ? globals.#context : null;
  }

  static workOf(globals: unknown): WorkBudget | null {
    return globals instanceof FilterGlobals ? globals.#work : null;
  }
}

/** Escaped already. Liquid's own filters, and comparisons, see the plain text. */
export class Markup extends Drop {
  readonly #mrkdwn: string;
  readonly #plain: () => string;

  constructor(mrkdwn: string, plain: () => string) {
    super();
    this.#mrkdwn = mrkdwn;
    this.#plain = plain;
  }

  /** Text that was escaped for mrkdwn while it was put together. */
  static assembled(mrkdwn: string): Markup {
    return new Markup(mrkdwn, () => unescapeMrkdwn(mrkdwn));
  }

  get mrkdwn(): string {
    return this.#mrkdwn;
  }

  override valueOf(): string {
    return this.#plain();
  }

  override toString(): string {
    return this.#plain();
  }
}

/** Twice what any text of a message holds; the rest would be converted only to be cut. */
const LONGEST_MARKDOWN = 8_000;

type FilterHandler = Extract<FilterImplOptions, (...values: never[]) => unknown>;

export const FILTERS: Readonly<Record<string, FilterHandler>> = {
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
  raw(value: unknown) {
    const text = toText(value);
    return new Markup(text, () => text);
  },
  facts: (value: unknown) => factsOf(value),
  slug: (value: unknown) => slug(toText(value)),
  truncate_chars: (value: unknown, length: unknown) => truncated(toText(value), Number(length)),
  /** In the place of Liquid's own, which takes the markup out of a mention. */
  default(value: unknown, otherwise: unknown, option?: unknown) {
    if (value === false && Array.isArray(option) && option[0] === 'allow_false' && option[1] === true) return value;
    return value === false || toText(value) === '' ? otherwise : value;
  },
};

function mentioned(value: unknown, context: TextContext | null): string {
  const person = typeof value === 'object' ? personOf(value) : toText(value);
  if (person === null || person === '') return '';
  const id = context?.mention(person);
  if (id !== undefined && /^[UW][A-Z0-9]+$/.test(id)) return `<@${id}>`;
  return escapeMrkdwn(typeof person === 'string' ? person : (personName(person) ?? ''));
}

/** Made when it is first needed: that takes as long as a tenth of a start. */
let segmenter: Intl.Segmenter | null = null;

function charactersOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** At most `length` characters as a reader counts them, the ellipsis among them. */
function truncated(text: string, length: number): string {
  if (!Number.isFinite(length) || text.length <= length) return text;
  let count = 0;
  let keep = 0;
  for (const { index } of charactersOf(text)) {
    count++;
    if (count === Math.max(1, length)) keep = index;
    if (count > length) return `${text.slice(0, keep).trimEnd()}…`;
  }
  return text;
}
