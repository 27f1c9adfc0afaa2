/** Slack has no tables: columns are aligned in a code block, or, where that would not fit, cells stand in lines. */
import type { Token } from 'markdown-it';
import { inlineText, labelOf, PLAIN, type Style } from './markdown-inline.ts';

/** Wider ones would be wrapped by Slack's window, and their columns lost. */
const WIDEST = 60;

export type Cell = readonly Token[];

/** `rows`: the first is the header. */
export function tableText(rows: readonly (readonly Cell[])[], style: Style): { text: string; atMargin: boolean } {
  const aligned = style === PLAIN || rows.flat(2).some(isLink) ? null : alignedText(rows);
  if (aligned !== null) return { text: style.codeBlock(aligned), atMargin: true };
  const lines = rows.map((cells, row) =>
    cells
      .map((cell) => inlineText(cell, style, row === 0 && cell.length > 0 ? ['strong'] : []))
      .filter((text) => text !== '')
      .join(' · '),
  );
  return { text: lines.filter((line) => line !== '').join('\n'), atMargin: false };
}

/** A code block would show its address only. */
function isLink({ type }: Token): boolean {
  return type === 'link_open' || type === 'image';
}

/** Null where it is too wide. */
function alignedText(rows: readonly (readonly Cell[])[]): string | null {
  const texts = rows.map((cells) => cells.map(labelOf));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((cells) => widthOf(cells[column]))));
  if (widths.reduce((sum, width) => sum + width + 2, -2) > WIDEST) return null;
  const line = (cells: readonly string[]) =>
    cells
      .map((text, column) => text + ' '.repeat((widths[column] ?? 0) - widthOf(text)))
      .join('  ')
      .trimEnd();
  const [header = [], ...body] = texts;
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}

function widthOf(text = ''): number {
  return [...text].length;
}
