/** What is told of the audit: GET /api/audit. Times are ISO 8601, in UTC. */
import { z } from 'zod';

const listed = z.array(z.string()).optional();

/** As POST /api/replay and /api/dismiss take it. */
export const selectionSchema = z.object({
  ids: listed,
  events: listed,
  states: listed,
  since: z.string().optional(),
  routes: listed,
  reason_codes: listed,
  again: z.boolean().optional(),
});

const entrySchema = z.object({
  number: z.number(),
  at: z.string(),
  action: z.enum(['replay', 'dismiss']),
  by: z.object({
    /** As it was given; nothing proves it. */
    name: z.string().nullable(),
    role: z.enum(['operator', 'read-only']),
    via: z.enum(['dashboard', 'command', 'api', 'journal']),
    address: z.string().nullable(),
  }),
  selection: selectionSchema,
  /** The same in words; of long lists, the beginning. */
  what: z.string(),
  reason: z.string().nullable(),
  /** How many were sent again or dismissed; null while it is under way, and where it was cut off. */
  deliveries: z.number().nullable(),
});

export const auditPage = z.object({
  /** Newest first. */
  entries: z.array(entrySchema),
  /** What to ask `before` for the next page; null on the last. */
  next: z.number().nullable(),
});

export type AuditPage = z.output<typeof auditPage>;
export type AuditedOrder = AuditPage['entries'][number];
export type SelectionView = z.output<typeof selectionSchema>;
