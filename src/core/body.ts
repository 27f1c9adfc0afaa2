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

/**
 * What a parsed body of `bytes` says to a reader: a sentence for binary data, which shows as gibberish. The stored bytes
 * stay; what is lost is only that a template or condition sees them. Text in another encoding than UTF-8 is no such data.
 */
export function readable(payload: unknown, bytes: number): unknown {
  if (typeof payload !== 'string' || !payload.includes('\ufffd') || !CONTROL.test(payload)) return payload;
  return `(${bytes} bytes that are not text: binary data, or a compressed body that could not be decompressed)`;
}

const CONTROL = /[^\P{Cc}\s]/u;
