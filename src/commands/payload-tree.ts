/** A payload as a person reads it at a terminal: a line a value, with what was found in it. */
import { printable } from './delivery-table.ts';

const LONGEST_TEXT = 60;
const ITEMS_SHOWN = 5;
const LINES_SHOWN = 300;
const WIDEST_LABEL = 34;

interface Line {
  readonly label: string;
  readonly value: string;
  readonly path: string;
}

/** `remarks`: what to say beside a value, by its path (`data.action.id`). */
export function payloadTree(payload: unknown, remarks: ReadonlyMap<string, readonly string[]>): string {
  const lines: Line[] = [];
  collect(payload, { label: 'payload', path: '', depth: 0 }, lines);
  const width = Math.min(WIDEST_LABEL, Math.max(...lines.map(({ label }) => label.length)));
  const shown = lines.slice(0, LINES_SHOWN).map(({ label, value, path }) => {
    const said = remarks.get(path);
    return `${label.padEnd(width)}  ${value}${said === undefined ? '' : `  → ${said.join(', ')}`}\n`;
  });
  const more = lines.length - shown.length;
  return shown.join('') + (more > 0 ? `… ${more} more lines; --json has all of them\n` : '');
}

function collect(value: unknown, at: { label: string; path: string; depth: number }, lines: Line[]): void {
  lines.push({ label: `${'  '.repeat(at.depth)}${printable(at.label)}`, value: shortValue(value), path: at.path });
  if (typeof value !== 'object' || value === null) return;
  const list = Array.isArray(value);
  const entries: [string, unknown][] = Object.entries(value);
  for (const [name, child] of list ? entries.slice(0, ITEMS_SHOWN) : entries) {
    const path = at.path === '' ? name : `${at.path}.${name}`;
    collect(child, { label: list ? `[${name}]` : name, path, depth: at.depth + 1 }, lines);
  }
  if (list && entries.length > ITEMS_SHOWN) {
    lines.push({ label: `${'  '.repeat(at.depth + 1)}…`, value: `${entries.length - ITEMS_SHOWN} more`, path: '…' });
  }
}

/** On one line: text in quotes, cut; how many are in a list or an object. */
export function shortValue(value: unknown, longest = LONGEST_TEXT): string {
  if (typeof value === 'string') {
    const written = printable(JSON.stringify(value.slice(0, longest)));
    return value.length <= longest ? written : `${written.slice(0, -1)}…" (${value.length} characters)`;
  }
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `[${value.length} ${value.length === 1 ? 'item' : 'items'}]`;
  if (typeof value === 'object' && value !== null) {
    const { length } = Object.keys(value);
    return length === 0 ? '{}' : `{${length} ${length === 1 ? 'key' : 'keys'}}`;
  }
  return String(value);
}
