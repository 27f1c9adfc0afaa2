/** Names that a Liquid template makes for itself (`assign`, `for`), with the types of what they stand for. */
import { AssignTag, ForTag, type Template, TypeGuards, toValueSync, Value } from 'liquidjs';

/** What is found at a path, and what a list of it holds. */
export interface Typing {
  /** `dyn` where only rendering can tell. */
  typeOf(path: readonly string[], names: ReadonlyMap<string, string>): string;
  itemOf(type: string): string;
}

/** `dyn`: it may be anything, because a filter made it, or because the name stands for several things. */
export function boundNames(templates: readonly Template[], typing: Typing): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  bind(templates, names, typing);
  return names;
}

function bind(templates: readonly Template[], names: Map<string, string>, typing: Typing): void {
  const give = (name: string, type: string): void => {
    const before = names.get(name);
    names.set(name, before === undefined || before === type ? type : 'dyn');
  };
  for (const template of templates) {
    if (template instanceof ForTag) {
      const path = pathOf(template.collection);
      give(template.variable, path === null ? 'dyn' : typing.itemOf(typing.typeOf(path, names)));
    } else {
      const path = template instanceof AssignTag ? assigned(template) : null;
      for (const name of template.localScope?.() ?? []) {
        give(String(name.content), path === null ? 'dyn' : typing.typeOf(path, names));
      }
    }
    bind(childrenOf(template), names, typing);
  }
}

/** What stands inside of a tag. */
export function childrenOf(template: Template): readonly Template[] {
  const children: unknown = template.children === undefined ? [] : toValueSync(template.children(false, true));
  return Array.isArray(children) ? children : [];
}

/** The path that is assigned as it is. */
function assigned(tag: AssignTag): readonly string[] | null {
  const [value] = tag.arguments();
  if (!(value instanceof Value) || value.filters.length > 0) return null;
  const [only, ...rest] = value.initial.postfix;
  return rest.length > 0 ? null : pathOf(only);
}

function pathOf(token: unknown): readonly string[] | null {
  if (!TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) return null;
  const names = token.props.map((prop) => (TypeGuards.isWordToken(prop) ? prop.content : null));
  const path = names.filter((name) => name !== null);
  return path.length < names.length ? null : path;
}
