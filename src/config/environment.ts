/** `${NAME}` and `${NAME:-default}` in the config's strings; `$${` is a literal `${`. */
import { isError, type Problem } from '../core/problem.ts';
import type { SourceDocument, Substitute } from '../language/document.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const NAMED = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * A default stands in for a variable that is not set or empty, as in a shell. `onMissing` is told of each that has
 * neither value nor default.
 */
export function substituteVariables(variables: Variables, onMissing?: (name: string) => void): Substitute {
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
      onMissing?.(name);
      report(
        'missing-variable',
        `The environment variable ${name} is not set.`,
        `Set it, write \${${name}:-default}, or start with --sandbox, which needs none.`,
      );
      return '';
    });
  };
}

/** The names in a text, each once, in their order. */
export function variablesIn(text: string): string[] {
  const names = [...text.matchAll(REFERENCE)].map(([, inner]) => NAMED.exec(inner ?? '')?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** What a variable that is not set leaves of a value would only distract from that. */
export function unreported(problems: readonly Problem[], document: SourceDocument): readonly Problem[] {
  const reported = new Set(document.problems.filter(isError).map(({ line, column }) => `${line}:${column}`));
  return problems.filter(({ line, column }) => !reported.has(`${line}:${column}`));
}
