/** Checks the variables of a Liquid template against the event's declared type, before anything is rendered. */
import { analyzeSync, type Template, type Variable } from 'liquidjs';
import { boundNames } from './bound-names.ts';
import { EVENT_TYPES } from './event-types.ts';
import { closest } from './schema.ts';

export interface UnknownField {
  /** One sentence. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
  /** From 1, within the template. */
  readonly row: number;
  /** From 1. */
  readonly column: number;
}

/** Names beside `event`, with their types: `Person`, `string`, `dyn`, … */
export type Locals = Readonly<Record<string, string>>;

/** The first variable, as the template is read, that no event has. Names that the template itself makes are free. */
export function firstUnknownField(templates: Template[], locals: Locals): UnknownField | null {
  const analysis = analyzeSync(templates, { partials: false });
  const bound = boundNames(templates, {
    typeOf: (path, names) => typeAt(path, { ...locals, ...Object.fromEntries(names) }),
    itemOf: (type) => itemType(type) ?? 'dyn',
  });
  const outside = Object.values(analysis.globals).flat();
  const own = [...bound.keys()].flatMap((name) => analysis.variables[name] ?? []);
  // A name that `each` gave and the template gives again may be either.
  const types = {
    ...locals,
    ...Object.fromEntries([...bound].map(([name, type]) => [name, Object.hasOwn(locals, name) ? 'dyn' : type])),
  };
  const variables = [
    ...outside.map((variable) => [variable, locals] as const),
    ...own.map((variable) => [variable, types] as const),
  ];
  const unknown = variables.flatMap(([variable, known]) => {
    const wrong = unknownSegment(variable, known);
    return wrong === null ? [] : [{ ...wrong, row: variable.location.row, column: variable.location.col }];
  });
  return unknown.toSorted((a, b) => a.row - b.row || a.column - b.column)[0] ?? null;
}

function typeAt([root = '', ...keys]: readonly string[], known: Locals): string {
  let type = root === 'event' ? 'Event' : (known[root] ?? 'dyn');
  for (const key of keys) type = memberType(type, key) ?? 'dyn';
  return type;
}

function unknownSegment(variable: Variable, locals: Locals): Pick<UnknownField, 'message' | 'remedy'> | null {
  const [root, ...segments] = variable.segments;
  const name = String(root);
  let type: string | undefined = name === 'event' ? 'Event' : locals[name];
  if (type === undefined) return unknownName(name, ['event', ...Object.keys(locals)]);
  let path = name;
  for (const segment of segments) {
    if (type === 'dyn') return null;
    const next = memberType(type, segment);
    if (next === null) return null;
    if (next === undefined) return unknownMember(path, String(segment), membersOf(type));
    type = next;
    path += typeof segment === 'number' ? `[${segment}]` : `.${String(segment)}`;
  }
  return null;
}

/** Undefined where there is no such member; null where only rendering can tell. */
function memberType(type: string, segment: Variable['segments'][number]): string | null | undefined {
  const item = itemType(type);
  if (item !== null) {
    if (typeof segment === 'number' || segment === 'first' || segment === 'last') return item;
    return typeof segment === 'string' ? (segment === 'size' ? 'int' : undefined) : null;
  }
  const fields = EVENT_TYPES[type];
  if (fields === undefined) return segment === 'size' && type === 'string' ? 'int' : isKnown(type) ? undefined : null;
  return typeof segment === 'string' ? (Object.hasOwn(fields, segment) ? fields[segment] : undefined) : null;
}

/** What a list holds; null where the type is no list. */
export function itemType(type: string): string | null {
  return /^list<(.+)>$/.exec(type)?.[1] ?? null;
}

function isKnown(type: string): boolean {
  return ['string', 'int', 'double', 'bool'].includes(type);
}

function membersOf(type: string): readonly string[] {
  if (itemType(type) !== null) return ['first', 'last', 'size'];
  return type === 'string' ? ['size'] : Object.keys(EVENT_TYPES[type] ?? {});
}

function unknownName(name: string, known: readonly string[]): Pick<UnknownField, 'message' | 'remedy'> {
  const field = Object.hasOwn(EVENT_TYPES.Event, name) ? `event.${name}` : null;
  return {
    message: `There is no "${name}" here.`,
    remedy: `${meant(field ?? closest(name, known))}Known here: ${known.join(', ')}.`,
  };
}

function unknownMember(
  path: string,
  name: string,
  members: readonly string[],
): Pick<UnknownField, 'message' | 'remedy'> {
  const remedy =
    members.length === 0 ? `Write {{ ${path} }}.` : `${meant(closest(name, members))}It has: ${members.join(', ')}.`;
  return { message: `"${path}" has no "${name}".`, remedy };
}

function meant(name: string | null): string {
  return name === null ? '' : `Did you mean "${name}"? `;
}
