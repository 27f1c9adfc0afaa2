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
    const value: unknown = JSON.parse(content);
    return nestsDeeperThan(value, DEEPEST) ? content : value;
  } catch {
    return content;
  }
}

/** Walks what was parsed, not its text: there are far fewer values than characters. Recurses `limit` times at most. */
function nestsDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) return value.some((item) => nestsDeeperThan(item, limit - 1));
  for (const key in value) if (nestsDeeperThan(Reflect.get(value, key), limit - 1)) return true;
  return false;
}
