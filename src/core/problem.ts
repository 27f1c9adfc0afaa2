/**
 * Something wrong in a file a user wrote: where, what, and what to do. Collected, never thrown one by one,
 * so that `check` can show all of them.
 */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface Problem extends Place {
  /** Default: error. A warning stops nothing. */
  readonly severity?: 'error' | 'warning';
  /** Stable and kebab-case: `unknown-key`, `expression-type`, … */
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly remedy?: string;
}

export function isError(problem: Pick<Problem, 'severity'>): boolean {
  return problem.severity !== 'warning';
}

/** In the order a reader meets them: by file, then by place. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => byText(a.file, b.file) || a.line - b.line || a.column - b.column);
}

/** Not by a language's rules: loading them takes longer than all of the sorting. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
