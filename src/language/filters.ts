/** The filters beside Liquid's own that belong to no destination. */
import type { FilterImplOptions } from 'liquidjs';
import { payloadFacts } from './facts.ts';
import { Markup } from './markup.ts';
import { toText } from './print.ts';

export type Filter = Extract<FilterImplOptions, (...values: never[]) => unknown>;

export const OWN_FILTERS: Readonly<Record<string, Filter>> = {
  raw(value: unknown) {
    const text = toText(value);
    return new Markup(text, () => text);
  },
  facts: (value: unknown) => payloadFacts(value),
  truncate_chars: (value: unknown, length: unknown) => truncated(toText(value), Number(length)),
  /** In the place of Liquid's own, which takes the markup out of a mention. */
  default(value: unknown, otherwise: unknown, option?: unknown) {
    if (value === false && Array.isArray(option) && option[0] === 'allow_false' && option[1] === true) return value;
    return value === false || toText(value) === '' ? otherwise : value;
  },
};

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
