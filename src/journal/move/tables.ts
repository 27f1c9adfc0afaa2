/** What a move copies: every table and column, and a row as both databases agree on it. */
import { keptText, keyText } from '../postgres/text.ts';
import type { Tables } from '../schema.ts';

/** `key`: a text by which rows are found, through an index. */
type Kind = 'number' | 'text' | 'key' | 'bytes';

/** What is kept about the journal itself, not about what was accepted. */
type Unmoved = 'schema_version' | 'probe';

/** The instance that claimed a lane last is none of those that will. */
type Left = 'owner' | 'claimed_at';

/**
 * In the order in which they are copied: deliveries last, when all that they need is there. A column that is added to
 * the schema has to be named here before the program compiles.
 */
const COLUMNS = {
  seen: { seq: 'number', source: 'text', key: 'key', expires_at: 'number' },
  events: {
    seq: 'number',
    id: 'key',
    source: 'text',
    topic: 'text',
    subject: 'key',
    envelope: 'text',
    body: 'bytes',
    received_at: 'number',
    receipt: 'text',
    trace: 'text',
    conflicts: 'number',
    conflict_at: 'number',
  },
  cards: {
    seq: 'number',
    source: 'text',
    subject: 'key',
    channel: 'key',
    channel_id: 'text',
    ts: 'text',
    shown_at: 'number',
    shown_seq: 'number',
    used_at: 'number',
  },
  channels: { seq: 'number', name: 'key', id: 'text' },
  occurrences: { seq: 'number', route_key: 'key', at: 'number', event_seq: 'number' },
  thresholds: { seq: 'number', route_key: 'key', over_at: 'number' },
  people: { seq: 'number', email: 'key', user_id: 'text', until: 'number' },
  lanes: { seq: 'number', lane: 'key', paced_until: 'number' },
  attempts: {
    seq: 'number',
    delivery_seq: 'number',
    at: 'number',
    ms: 'number',
    outcome: 'text',
    code: 'text',
    detail: 'text',
  },
  deliveries: {
    seq: 'number',
    event_seq: 'number',
    lane: 'key',
    route: 'text',
    target: 'text',
    state: 'text',
    attempts: 'number',
    due_at: 'number',
    accepted_at: 'number',
    updated_at: 'number',
    attempted_at: 'number',
    doubt_since: 'number',
    looks: 'number',
    group_seq: 'number',
    released: 'number',
    storm_count: 'number',
    storm_since: 'number',
    due_set_at: 'number',
    replay: 'number',
    replayed_as: 'number',
    dismissed_by: 'text',
    dismissal: 'text',
    reported: 'number',
    reason_code: 'text',
    reason: 'text',
    channel: 'text',
    ts: 'text',
  },
} as const satisfies {
  readonly [Name in Exclude<keyof Tables, Unmoved>]: {
    readonly [Column in Exclude<keyof Tables[Name], Left>]: Kind;
  };
};

interface Column {
  readonly name: string;
  readonly kind: Kind;
}

export interface TableShape {
  readonly name: string;
  /** The first is `seq`. */
  readonly columns: readonly Column[];
}

export const MOVED_TABLES: readonly TableShape[] = Object.entries(COLUMNS).map(([name, columns]) => ({
  name,
  columns: Object.entries(columns).map(([column, kind]) => ({ name: column, kind })),
}));

type Value = string | number | Uint8Array | null;

/** In the order of the table's columns. */
export type Row = readonly Value[];

export function seqOf(row: Row): number {
  const [seq] = row;
  if (typeof seq !== 'number') throw new Error('a row has no number');
  return seq;
}

/** A row as both databases can keep it: what Postgres holds of it, whichever it is from. */
export function agreedRow(values: readonly unknown[], { columns }: TableShape): Row {
  return columns.map(({ kind }, index) => agreedValue(values[index], kind));
}

function agreedValue(value: unknown, kind: Kind): Value {
  if (value === null || value === undefined) return null;
  if (kind === 'text') return keptText(String(value));
  if (kind === 'key') return keyText(String(value));
  // SQLite takes a fraction where a whole number is asked for.
  if (kind === 'number') return Math.round(Number(value));
  if (value instanceof Uint8Array) return value;
  throw new Error('a column of bytes holds something else');
}

/** The row in a form that is the same for the same row, wherever it is from. */
export function canonical(row: Row): string {
  return JSON.stringify(
    row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)),
  );
}
