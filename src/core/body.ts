import { parseJson } from './json.ts';

/**
 * How deep a body may nest and still be read as JSON. `JSON.parse` has no limit, but nearly everything that walks the
 * result does (`JSON.stringify` overflows the stack within some thousand levels), and no sender's payload is a tenth of it.
 */
const DEEPEST = 256;

const BOM = '\ufeff';

/** The body parsed; its text where it is not JSON, or nests deeper than `DEEPEST`. Never throws. */
export function parseBody(text: string): unknown {
  const content = text.startsWith(BOM) ? text.slice(1) : text;
  try {
    return parseJson(content, DEEPEST);
  } catch {
    return content;
  }
}
