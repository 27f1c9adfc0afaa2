import { styleText } from 'node:util';
import { isError, type Problem, sortProblems } from '../core/problem.ts';
import { DEFAULT_CONFIG, nextCommand } from './options.ts';

/** Problems as a person reads them at a terminal. */
export function printProblems(problems: readonly Problem[], stream: NodeJS.WriteStream): void {
  for (const problem of sortProblems(problems)) stream.write(`${paint(problem, stream)}\n`);
}

export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter(isError).length;
  const warnings = problems.length - errors;
  const counts = [errors > 0 ? counted(errors, 'error') : '', warnings > 0 ? counted(warnings, 'warning') : ''];
  return counts.filter(Boolean).join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function paint(problem: Problem, stream: NodeJS.WriteStream): string {
  const { file, line, column, code, message, remedy } = problem;
  const style = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text, { stream });
  const severity = isError(problem) ? style('red', 'error') : style('yellow', 'warning');
  const head = `${style('bold', `${file}:${line}:${column}`)} ${severity} ${style('dim', `${code}:`)} ${message}`;
  return remedy === undefined ? head : `${head}\n${runnable(remedy, file).replaceAll(/^/gm, '    ')}`;
}

/** Commands in the form that works here, about the config that has the problem. */
function runnable(remedy: string, file: string): string {
  const config = /\.ya?ml$/.test(file) ? file : DEFAULT_CONFIG;
  return remedy.replaceAll(/`alo-relay ([^`]+)`/g, (_, command: string) => `\`${nextCommand(command, { config })}\``);
}
