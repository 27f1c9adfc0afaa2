/** Reads what operators ordered. */
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';
import type { NewAuditEntry } from './begin-audit.ts';

export interface AuditEntry extends NewAuditEntry {
  readonly seq: number;
  /** How many were sent again or dismissed; null while it is under way, and where it was cut off. */
  readonly deliveries: number | null;
}

export interface AuditQuery {
  /** ms since the epoch: ordered then or later. */
  readonly since?: number | undefined;
  /** Only those before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first. */
export const audit: Operation<[AuditQuery], readonly AuditEntry[]> = {
  writes: false,
  run: (connection, { since = 0, before = Number.MAX_SAFE_INTEGER, limit }) =>
    connection.rows(newest, { since, before, limit }),
};

const newest = statement<Required<AuditQuery>, AuditEntry>((param, { db }) =>
  db
    .selectFrom('audit')
    .selectAll()
    .where('seq', '<', param('before'))
    .where('at', '>=', param('since'))
    .orderBy('seq', 'desc')
    .limit(param('limit')),
);
