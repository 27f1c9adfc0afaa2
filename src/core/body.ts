/**
 * How deep a body may nest and still be read as JSON. `JSON.parse` has no limit, but nearly everything that walks the
 * result does (`JSON.stringify` overflows the stack within some thousand levels), and no sender's payload is a tenth of it.
 */
const DEEPEST = 256;

const BOM = '\ufeff';

/** The body parsed; its text where it is not JSON, or nests deeper than `DEEPEST`. Never throws. */
export function parseBody(text: string): unknown {
  const content = text.startsWith(BOM) ? text.slice(1) : text;
  if (nestsDeeperThan(content, DEEPEST)) return content;
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** True when more than `limit` brackets outside strings are open at once. */
function nestsDeeperThan(text: string, limit: number): boolean {
  if (text.length <= 2 * limit) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

/** The place of the quote that closes the string opened at `start`; the text's end where none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}
