/** Liquid as it runs here: one engine a place, without files, with limits, and with every output escaped. */
import { CaptureTag, type Context, Liquid, type Template, Value } from 'liquidjs';
import { escapeFor, type TextPlace } from '../slack-format/escape.ts';
import { childrenOf } from './bound-names.ts';
import { COUNTED_OPERATORS, countWork } from './counted-liquid.ts';
import { FILTERS, FilterGlobals, Markup } from './filters.ts';
import { forPayloads } from './payload-filters.ts';
import { toText } from './print.ts';
import { sizeInSteps } from './work.ts';

const LIMITS = {
  /** Characters of one template string. */
  parseLimit: 100_000,
  /** Characters and list items one render may allocate. */
  memoryLimit: 5_000_000,
} as const;

/** Tags that read other files, or write HTML. */
export const REFUSED_TAGS: ReadonlySet<string> = new Set(['include', 'render', 'layout', 'block', 'tablerow']);

interface Rendering {
  readonly context: Context;
}

const engines = new Map<TextPlace, Liquid>();

export function engineFor(place: TextPlace): Liquid {
  const existing = engines.get(place);
  if (existing !== undefined) return existing;
  const engine = new Liquid({
    ...LIMITS,
    templates: {},
    strictFilters: true,
    ownPropertyOnly: true,
    timezoneOffset: 0,
    locale: 'en-US',
    operators: COUNTED_OPERATORS,
    outputEscape(this: Rendering, value: unknown) {
      const text = printed(value, place);
      FilterGlobals.workOf(this.context.globals)?.spend(sizeInSteps(value) + sizeInSteps(text));
      return text;
    },
  });
  for (const tag of REFUSED_TAGS) delete engine.tags[tag];
  if (place === 'mrkdwn') engine.registerTag('capture', EscapedCapture);
  for (const [name, filter] of Object.entries(FILTERS)) engine.registerFilter(name, filter);
  for (const [name, filter] of Object.entries(engine.filters)) {
    if (typeof filter === 'function') engine.registerFilter(name, forPayloads(name, filter));
  }
  countWork(engine);
  engines.set(place, engine);
  return engine;
}

/** A value as text, made safe for its place. */
export function printed(value: unknown, place: TextPlace): string {
  if (value instanceof Markup) return place === 'mrkdwn' ? value.mrkdwn : escapeFor(place, value.valueOf());
  return escapeFor(place, toText(value));
}

/** What is captured was escaped on the way in, and is not escaped again on the way out. */
class EscapedCapture extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    yield* super.render(context);
    const scope = context.bottom();
    const captured: unknown = Reflect.get(scope, this.variable);
    Reflect.set(scope, this.variable, Markup.assembled(toText(captured)));
  }
}

/** Whether a filter of this name stands anywhere in the template. */
export function usesFilter(templates: readonly Template[], name: string): boolean {
  return templates.some((template) => {
    for (const argument of template.arguments?.() ?? [])
      if (argument instanceof Value && argument.filters.some((filter) => filter.name === name)) return true;
    return usesFilter(childrenOf(template), name);
  });
}
