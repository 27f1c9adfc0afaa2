/** The line of the source around `offset` (from 0), with a caret below the place. */
export function caret(source: string, offset: number): string {
  const start = source.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const line = source.slice(start).split('\n')[0] ?? '';
  return `${line}\n${' '.repeat(Math.max(0, offset - start))}^`;
}

/** Whether a remedy is what `caret` made: two lines, which mean nothing within one line. */
export function isCaret(remedy: string): boolean {
  return /\n *\^$/.test(remedy);
}
