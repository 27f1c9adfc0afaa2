/** The results, for people and for programs. */
import { isMet, median, subject, type Verdict } from './measure.ts';

const COLUMNS = ['measure', 'alo-relay', 'against', '', 'ratio', 'target', ''] as const;

export function table(verdicts: readonly Verdict[]): string {
  const rows: (readonly string[])[] = [COLUMNS, ...verdicts.map(cells)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

export function json(verdicts: readonly Verdict[]): string {
  const results = verdicts.map((verdict) => ({ ...verdict, value: subject(verdict), met: isMet(verdict) }));
  const { arch, platform, version } = process;
  return `${JSON.stringify({ node: version, platform, arch, results }, null, 2)}\n`;
}

function cells(verdict: Verdict): string[] {
  const { measure, unit, samples, baseline, target } = verdict;
  const met = target === undefined ? '' : isMet(verdict) ? 'ok' : 'MISSED';
  const own = quantity(median(samples), unit);
  if (baseline === undefined) return [measure, own, '', '', '', bound(target, unit), met];
  const other = quantity(median(baseline.samples), unit);
  return [measure, own, baseline.name, other, `${subject(verdict).toFixed(2)} ×`, bound(target, '×'), met];
}

function bound(target: Verdict['target'], unit: string): string {
  if (target === undefined) return '';
  return 'atLeast' in target ? `≥ ${target.atLeast} ${unit}` : `≤ ${target.atMost} ${unit}`;
}

function quantity(value: number, unit: string): string {
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
