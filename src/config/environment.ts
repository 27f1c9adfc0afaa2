/** `${NAME}` and `${NAME:-default}` in the config's strings; `$${` is a literal `${`. */
import { isError, type Place, type Problem } from '../core/problem.ts';
import type { SourceDocument, Substitute } from '../language/document.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** What is wrong with a variable, wherever it is used. */
export type VariableProblem = Pick<Problem, 'severity' | 'code' | 'message'> & { readonly remedy: string };

export interface ResolvedVariables {
  /** The environment, and what was read from files. */
  readonly values: Variables;
  /** By name. A variable with an error has no value. */
  readonly problems: ReadonlyMap<string, VariableProblem>;
  /** Files that were read, or looked for: a change of one may change a value. */
  readonly files: readonly string[];
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const NAMED = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** `onMissing` is told of each that has neither value nor default. */
export function substituteVariables(
  resolved: Pick<ResolvedVariables, 'values' | 'problems'>,
  onMissing?: (name: string) => void,
): Substitute {
  return (text, report) => {
    const unbraced = unbracedName(text, resolved.values);
    if (unbraced !== null) {
      const message = `Variables need braces: $${unbraced} is text here.`;
      report(UNBRACED_CODE, message, `Write "\${${unbraced}}".`, 'warning');
    }
    if (!text.includes('${')) return text;
    return text.replace(REFERENCE, (whole: string, inner: string | undefined) => {
      if (inner === undefined) return '${';
      const [, name, fallback] = NAMED.exec(inner) ?? [];
      if (name === undefined || !whole.endsWith('}')) {
        report('bad-variable', 'This is not a variable.', 'Write ${NAME}, ${NAME:-default}, or $${ for a literal ${.');
        return '';
      }
      const problem = resolved.problems.get(name);
      if (problem !== undefined) report(problem.code, problem.message, problem.remedy, problem.severity);
      if (problem !== undefined && isError(problem)) return '';
      const value = valueOrDefault(resolved.values[name], fallback);
      if (value !== null) return value;
      onMissing?.(name);
      report('missing-variable', `The environment variable ${name} is not set.`, waysToSet(name));
      return '';
    });
  };
}

/** A default stands in for a variable that is not set or empty, as in a shell. Null: neither. */
function valueOrDefault(value: string | undefined, fallback: string | undefined): string | null {
  return (value || fallback) ?? value ?? null;
}

function waysToSet(name: string): string {
  return `Set it, or ${name}_FILE to a file that holds it; write \${${name}:-default}; or start with --sandbox, which needs none.`;
}

const UNBRACED_CODE = 'unbraced-variable';
const UNBRACED = /(?<![$\w])\$(?:\(([A-Z_][A-Z0-9_]+)\)|([A-Z_][A-Z0-9_]+))(?!\w)/g;

/** As in a shell: what is nothing else, or the name of a variable that is set. Other text may hold a $. */
function unbracedName(text: string, variables: Variables): string | null {
  for (const [whole, parenthesized, bare] of text.matchAll(UNBRACED)) {
    const name = parenthesized ?? bare ?? '';
    if (whole === text.trim() || variables[name] !== undefined) return name;
  }
  return null;
}

/** The names in a text, each once, in their order. */
export function variablesIn(text: string): string[] {
  const names = [...text.matchAll(REFERENCE)].map(([, inner]) => NAMED.exec(inner ?? '')?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** What a variable without a value leaves of a value would only distract from that. */
export function unreported(problems: readonly Problem[], document: SourceDocument): readonly Problem[] {
  return problems.filter((problem) => !hasError(problem, document));
}

export function hasError({ line, column }: Place, { problems }: SourceDocument): boolean {
  return problems.some((problem) => isError(problem) && problem.line === line && problem.column === column);
}

/** Where a variable lacks its braces, whatever else is wrong with the value comes from that. */
export function blamingBraces(problems: readonly Problem[]): readonly Problem[] {
  const keyOf = ({ file, line, column }: Problem) => `${file}:${line}:${column}`;
  const isUnbraced = ({ code }: Problem) => code === UNBRACED_CODE;
  const unbraced = new Set(problems.filter(isUnbraced).map(keyOf));
  const others = problems.filter((problem) => !isUnbraced(problem) && unbraced.has(keyOf(problem)));
  const failing = new Set(others.filter(isError).map(keyOf));
  return problems.flatMap((problem) => {
    if (isUnbraced(problem)) return failing.has(keyOf(problem)) ? { ...problem, severity: 'error' as const } : problem;
    return others.includes(problem) ? [] : problem;
  });
}
