/**
 * JSON whose integers keep their digits. One that a double cannot hold exactly is a bigint in memory and the same digits
 * in JSON. What else no double holds is its text: a number beyond 1.8e308, an integer of more than 40 digits. A
 * fraction, or a number with an exponent, is the nearest double.
 */

declare global {
  interface JSON {
    /** TypeScript does not know it yet. */
    rawJSON(json: string): object;
  }
}

/** Room for 128 bits. Longer ones are no numbers that anybody computes with, and only cost time. */
const MOST_DIGITS = 40;

/** Throws for what is not JSON, or nests deeper than `deepest`. Only a text that holds such a number is parsed twice. */
export function parseJson<T = unknown>(text: string, deepest = 1000): T {
  const value = JSON.parse(text);
  return losesDigits(value, deepest) ? JSON.parse(text, exact) : value;
}

/** `null` for what JSON has no text for. */
export function writeJson(value: unknown, space?: number): string {
  try {
    return JSON.stringify(value, null, space) ?? 'null';
  } catch (error) {
    // A bigint is refused; most values hold none, and are written without a function for each.
    if (error instanceof TypeError) return JSON.stringify(value, digits, space);
    throw error;
  }
}

/**
 * Walks what was parsed, not its text: there are far fewer values than characters. Recurses `levels` times at most. On the
 * way of every event, so it looks into objects and lists alone.
 */
function losesDigits(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return isInexact(value);
  if (levels === 0) throw new RangeError('The JSON nests too deep.');
  let found = false;
  for (const key in value) {
    const part: unknown = Reflect.get(value, key);
    if (typeof part === 'object' ? losesDigits(part, levels - 1) : isInexact(part)) found = true;
  }
  return found;
}

function isInexact(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/** A reviver. Browsers before 2025 give it no source text: there, digits are lost. */
function exact(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (!isInexact(value) || context?.source === undefined) return value;
  const { source } = context;
  if (!/^-?\d+$/.test(source)) return Number.isFinite(value) ? value : source;
  return source.replace('-', '').length <= MOST_DIGITS ? BigInt(source) : source;
}

function digits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value;
}
