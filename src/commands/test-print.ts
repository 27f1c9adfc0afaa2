/** Results of cases as a person reads them at a terminal. */
import { diff, styleText } from 'node:util';
import type { CaseResult, FileResult } from '../dry-run/run-cases.ts';
import type { Failure } from '../dry-run/verify.ts';
import { counted, printable } from './delivery-table.ts';
import { printProblems } from './problems.ts';

type Style = Parameters<typeof styleText>[0];

const style = (format: Style, text: string): string => styleText(format, text, { stream: process.stdout });

/** From here on a case is slow enough to say so, ms. */
const SLOW_MS = 100;

/** To stdout. */
export function printFile({ file, cases, problems }: FileResult): void {
  process.stdout.write(`${style('bold', file)}\n`);
  printProblems(problems, process.stdout);
  const lines = cases.flatMap(caseLines);
  if (lines.at(-1) !== '') lines.push('');
  process.stdout.write(`${lines.join('\n')}\n`);
}

export function printSummary(results: readonly FileResult[], ms: number): string {
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  const problems = results.reduce((sum, result) => sum + result.problems.length, 0);
  const written = results.reduce((sum, { snapshots }) => sum + snapshots.written, 0);
  const obsolete = results.reduce((sum, { snapshots }) => sum + snapshots.obsolete, 0);
  const parts = [
    style(failed + problems === 0 ? 'green' : 'dim', `${cases.length - failed} passed`),
    failed > 0 ? style('red', `${failed} failed`) : '',
    problems > 0 ? style('red', `${counted(problems, 'mistake', 'mistakes')} in the files`) : '',
    written > 0 ? `${counted(written, 'snapshot', 'snapshots')} kept` : '',
    obsolete > 0 ? `${counted(obsolete, 'snapshot', 'snapshots')} of no case (--update removes)` : '',
  ];
  return `${parts.filter(Boolean).join(', ')} ${style('dim', `(${duration(ms)})`)}\n`;
}

function caseLines({ name, place, ms, failures }: CaseResult): string[] {
  const took = style(ms >= SLOW_MS ? 'yellow' : 'dim', duration(ms));
  if (failures.length === 0) return [`  ${style('green', '✓')} ${printable(name)}  ${took}`];
  const where = style('dim', `${place.file}:${place.line}`);
  return [
    `  ${style('red', '✗')} ${style('bold', printable(name))}  ${took}  ${where}`,
    ...failures.flatMap(failureLines).map((line) => (line === '' ? '' : `      ${line}`)),
  ];
}

function failureLines(failure: Failure): string[] {
  const { what, hints, exact } = failure;
  return [
    `${printable(what)}:`,
    ...(exact ? diffLines(failure) : unmetLines(failure)),
    ...hints.map((hint) => `  ${style('yellow', printable(hint))}`),
    '',
  ];
}

/** Line by line, what is the same in between. */
function diffLines({ expected, received }: Failure): string[] {
  if (expected.length === 0) return [removed('(nothing)'), ...received.map(added)];
  if (received.length === 0) return [...expected.map(removed), added('(nothing)')];
  return [
    style('dim', '  - expected  + received'),
    ...diff(expected, received).map(([operation, line]) => {
      if (operation === 0) return style('dim', `    ${printable(line)}`.trimEnd());
      return operation === 1 ? removed(line) : added(line);
    }),
  ];
}

function unmetLines({ expected, received }: Failure): string[] {
  const got = received.length === 0 ? ['(nothing)'] : received;
  return [
    ...expected.map((line) => `  ${style('red', `✗ ${printable(line)}`)}`),
    ...got.map((line) => `    ${style('dim', '│')} ${printable(line)}`),
  ];
}

function removed(line: string): string {
  return `  ${style('red', `- ${printable(line)}`.trimEnd())}`;
}

function added(line: string): string {
  return `  ${style('green', `+ ${printable(line)}`.trimEnd())}`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}
