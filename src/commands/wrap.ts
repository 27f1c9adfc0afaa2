/** Text for a terminal, broken between words. */

const NARROWEST = 40;
/** Of a terminal that does not say how wide it is, and of what is read in none. */
const USUAL = 80;

/** In columns. */
export function terminalWidth({ columns }: { readonly columns?: number } = process.stdout): number {
  return Math.max(NARROWEST, columns ?? USUAL);
}

/** Lines of at most `width` UTF-16 units. A word that is longer stands alone in its line, whole: it can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
