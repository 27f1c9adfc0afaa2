/** `${NAME}` and `${NAME:-default}` in the config's strings; `$${` is a literal `${`. */
import type { Substitute } from '../language/document.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const NAMED = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** A default stands in for a variable that is not set or empty, as in a shell. */
export function substituteVariables(variables: Variables): Substitute {
  return (text, report) => {
    if (!text.includes('${')) return text;
    return text.replace(REFERENCE, (whole: string, inner: string | undefined) => {
      if (inner === undefined) return '${';
      const [, name, fallback] = NAMED.exec(inner) ?? [];
      if (name === undefined || !whole.endsWith('}')) {
        report('bad-variable', 'This is not a variable.', 'Write ${NAME}, ${NAME:-default}, or $${ for a literal ${.');
        return '';
      }
      const value = variables[name];
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
      if (value !== undefined) return value;
      report(
        'missing-variable',
        `The environment variable ${name} is not set.`,
        `Set it, write \${${name}:-default}, or start with --sandbox, which needs none.`,
      );
      return '';
    });
  };
}

/** The names a text refers to without a default. */
export function referredVariables(text: string): string[] {
  const names = new Set<string>();
  for (const [, inner] of text.matchAll(REFERENCE)) {
    const [, name, fallback] = NAMED.exec(inner ?? '') ?? [];
    if (name !== undefined && fallback === undefined) names.add(name);
  }
  return [...names];
}
