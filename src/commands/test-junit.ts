/** Results of cases as JUnit XML, which every CI shows. */
import type { CaseResult, FileResult } from '../dry-run/run-cases.ts';
import type { Failure } from '../dry-run/verify.ts';

export function junit(results: readonly FileResult[]): string {
  const all = results.map(countsOf);
  const sum = (pick: (counts: Counts) => number) => all.reduce((total, counts) => total + pick(counts), 0);
  const totals = {
    tests: sum(({ tests }) => tests),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
    ms: sum(({ ms }) => ms),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="alo-relay"${attributes(totals)}>`,
    ...results.flatMap(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly ms: number;
}

/** A mistake in the file counts as a case of its own, which could not be run. */
function countsOf({ cases, problems }: FileResult): Counts {
  return {
    tests: cases.length + problems.length,
    failures: cases.filter(({ failures }) => failures.length > 0).length,
    errors: problems.length,
    ms: cases.reduce((sum, { ms }) => sum + ms, 0),
  };
}

function attributes({ tests, failures, errors, ms }: Counts): string {
  return ` tests="${tests}" failures="${failures}" errors="${errors}" time="${seconds(ms)}"`;
}

function suite(result: FileResult): string[] {
  const { file, cases, problems } = result;
  return [
    `  <testsuite name="${escaped(file)}"${attributes(countsOf(result))}>`,
    ...problems.flatMap(({ code, line, column, message, remedy = '' }) => [
      `    <testcase name="${escaped(`${file}:${line}:${column}`)}" classname="${escaped(file)}" time="0">`,
      `      <error type="${escaped(code)}" message="${escaped(message)}">${escaped(`${message} ${remedy}`.trim())}</error>`,
      '    </testcase>',
    ]),
    ...cases.flatMap((one) => testcase(one, file)),
    '  </testsuite>',
  ];
}

function testcase({ name, place, ms, failures }: CaseResult, file: string): string[] {
  const open = `    <testcase name="${escaped(name)}" classname="${escaped(file)}" file="${escaped(file)}" line="${place.line}" time="${seconds(ms)}"`;
  if (failures.length === 0) return [`${open}/>`];
  // One each: some readers show the first only.
  const message = failures.map(({ what }) => what).join('; ');
  const text = failures.map(described).join('\n\n');
  return [
    `${open}>`,
    `      <failure type="expectation" message="${escaped(message)}">${escaped(text)}</failure>`,
    '    </testcase>',
  ];
}

function described({ what, expected, received, hints }: Failure): string {
  return [`${what}:`, 'expected:', ...indented(expected), 'received:', ...indented(received), ...hints].join('\n');
}

function indented(lines: readonly string[]): string[] {
  return (lines.length === 0 ? ['(nothing)'] : lines).map((line) => `  ${line}`);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** For a text and for an attribute. What XML 1.0 cannot hold at all is left out. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
