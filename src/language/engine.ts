/** Liquid as it runs here: one engine per place, without files, with limits, and with every output escaped. */
import { CaptureTag, type Context, Liquid, type Template, Value } from 'liquidjs';
import { childrenOf } from './bound-names.ts';
import { COUNTED_OPERATORS, countWork } from './counted-liquid.ts';
import { type Filter, OWN_FILTERS } from './filters.ts';
import { FilterGlobals, Markup } from './markup.ts';
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

/** A place where a text stands: how what comes from outside is made safe there. */
export interface Place {
  readonly escape: (text: string) => string;
  /** Null: it takes no markup, and shows plain words. Else what a marked text says in plain words. */
  readonly unmark: ((marked: string) => string) | null;
  /** Done to the whole text in the end. */
  readonly finish?: (text: string) => string;
}

export function createEngine(place: Place, filters: Readonly<Record<string, Filter>>): Liquid {
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
  if (place.unmark !== null) engine.registerTag('capture', escapedCapture(place.unmark));
  for (const [name, filter] of Object.entries({ ...OWN_FILTERS, ...filters })) engine.registerFilter(name, filter);
  for (const [name, filter] of Object.entries(engine.filters)) {
    if (typeof filter === 'function') engine.registerFilter(name, forPayloads(name, filter));
  }
  countWork(engine);
  return engine;
}

/** A value as text, made safe for its place. */
export function printed(value: unknown, place: Place): string {
  if (value instanceof Markup) return place.unmark === null ? place.escape(value.valueOf()) : value.marked;
  return place.escape(toText(value));
}

/** What is captured was escaped on the way in, and is not escaped again on the way out. */
function escapedCapture(unmark: (marked: string) => string) {
  return class extends CaptureTag {
    override *render(context: Context): Generator<unknown, void, string> {
      yield* super.render(context);
      const scope = context.bottom();
      const captured = toText(Reflect.get(scope, this.variable));
      Reflect.set(scope, this.variable, new Markup(captured, () => unmark(captured)));
    }
  };
}

/** Whether a filter of this name stands anywhere in the template. */
export function usesFilter(templates: readonly Template[], name: string): boolean {
  return templates.some((template) => {
    for (const argument of template.arguments?.() ?? [])
      if (argument instanceof Value && argument.filters.some((filter) => filter.name === name)) return true;
    return usesFilter(childrenOf(template), name);
  });
}
