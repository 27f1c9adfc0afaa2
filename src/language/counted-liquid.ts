/**
 * Liquid whose work is counted: each node that a render visits (so each pass of a loop), each item and character that a
 * filter, a comparison or an output reads or makes. liquidjs asks its own limits at each node and each allocation; the
 * first of them is wall-clock time, which a busy machine exceeds for no fault of the template's, so steps take its place.
 */
import {
  Context,
  defaultOperators,
  type Emitter,
  evalToken,
  type FilterImplOptions,
  ForTag,
  type Liquid,
  type Operators,
  type Template,
} from 'liquidjs';
import { FilterGlobals, type TextContext } from './markup.ts';
import { nearest } from './payload-filters.ts';
import { sizeInSteps, stepsForCharacters, type WorkBudget } from './work.ts';

/** A node of a template costs more than an item of a list. */
const STEPS_PER_NODE = 3;

/** Filters that evaluate something for each item, and what that costs. The others only read it. */
const STEPS_PER_ITEM: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['where', 'reject', 'group_by', 'has', 'find', 'find_index', 'map', 'sum'].map((it) => [it, 3]),
  ),
  ...Object.fromEntries(['where', 'reject', 'group_by', 'has', 'find', 'find_index'].map((it) => [`${it}_exp`, 8])),
};

/**
 * Throws LiquidError, with the message of a WorkLimitError where it goes beyond `work`.
 *
 * The limits of this one Context are replaced by ours: its constructor takes limits, but liquidjs does not export their
 * class, and no other hook is asked before a node is rendered or a range is made. `counted-liquid.test.ts` fails when
 * liquidjs no longer asks them.
 */
export function renderCounted(
  templates: Template[],
  scope: Readonly<Record<string, unknown>>,
  { engine, context, work }: { readonly engine: Liquid; readonly context: TextContext; readonly work: WorkBudget },
): unknown {
  const globals = new FilterGlobals(context, work);
  const liquid = new Context(scope, engine.options, { globals, sync: true }, { liquid: engine });
  liquid.renderLimit.check = () => work.spend(STEPS_PER_NODE);
  const { memoryLimit } = liquid;
  const use = memoryLimit.use.bind(memoryLimit);
  memoryLimit.use = (count) => {
    work.spend(stepsForCharacters(Number(count)));
    use(count);
  };
  return engine.renderSync(templates, liquid);
}

/** When all filters are registered. */
export function countWork(engine: Liquid): void {
  engine.registerTag('for', CountedFor);
  for (const [name, filter] of Object.entries(engine.filters)) {
    if (!READS_NOTHING.has(name)) engine.registerFilter(name, counted(filter, STEPS_PER_ITEM[name] ?? 1));
  }
}

/** A loop copies its list before its first pass. A limit beyond any list may be a bigint. */
class CountedFor extends ForTag {
  constructor(...all: ConstructorParameters<typeof ForTag>) {
    super(...all);
    const { hash } = this;
    const render = hash.render.bind(hash);
    hash.render = function* (context) {
      const values: Record<string, unknown> = yield* render(context);
      return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, nearest(value)]));
    };
  }

  override *render(context: Context, emitter: Emitter): ReturnType<ForTag['render']> {
    const list: unknown = yield evalToken(this.collection, context);
    FilterGlobals.workOf(context.globals)?.spend(Array.isArray(list) ? list.length : Object.keys(Object(list)).length);
    return yield* super.render(context, emitter);
  }
}

/** However long the value is. */
const READS_NOTHING: ReadonlySet<string> = new Set(['size', 'first', 'last', 'raw']);

type Handler = Extract<FilterImplOptions, (...values: never[]) => unknown>;

function counted(filter: FilterImplOptions, perItem: number): FilterImplOptions {
  const handler: Handler = typeof filter === 'function' ? filter : filter.handler;
  const counting: Handler = function (value: unknown, ...args: unknown[]) {
    const work = FilterGlobals.workOf(this.context.globals);
    work?.spend(args.reduce<number>((steps, arg) => steps + sizeInSteps(arg), 1 + perItem * sizeInSteps(value)));
    const result: unknown = handler.call(this, value, ...args);
    work?.spend(sizeInSteps(result));
    return result;
  };
  return typeof filter === 'function' ? counting : { ...filter, handler: counting };
}

export const COUNTED_OPERATORS: Operators = Object.fromEntries(
  Object.entries(defaultOperators).map(([name, operator]): [string, Operators[string]] => {
    if (!['==', '!=', 'contains'].includes(name)) return [name, operator];
    const counting = (left: unknown, right: unknown, context: Context) => {
      FilterGlobals.workOf(context.globals)?.spend(sizeInSteps(left) + sizeInSteps(right));
      return operator(left, right, context);
    };
    return [name, counting];
  }),
);
