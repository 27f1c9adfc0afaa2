import { relative } from 'node:path';
import type { Problem } from '../../src/core/problem.ts';

const FIXTURES = 'test/fixtures/config';

/** A problem as expected.txt has it. `file`: where it is usually, which is then not repeated. */
export function shownProblem({ file: at, line, column, ...problem }: Problem, file: string): string {
  const { severity = 'error', code, message, remedy = '' } = problem;
  const where = `${at === file ? '' : `${relative(FIXTURES, at)}:`}${line}:${column}`;
  const rest = remedy.split('\n').map((text) => `      ${text}`);
  return [`  ${where} ${severity} ${code}: ${message}`, ...rest].join('\n').trimEnd();
}
