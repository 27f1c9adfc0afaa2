/**
 * What is told about events and deliveries: the shapes and names that scripts, the admin listener and the commands rely
 * on. Times are ISO 8601, in UTC. No payload and no message text is among it, except the title of an event.
 */
import { z } from 'zod';
import { DELIVERY_STATES, destinationOf } from '../core/delivery.ts';
import { eventTitle } from '../core/event-title.ts';
import type { DeliveryRecord } from '../journal/operations/deliveries.ts';
import type { InspectedEvent } from '../journal/operations/inspect.ts';
import type { StoredEvent } from '../journal/stored-event.ts';

const eventFacts = z.object({
  /** The relay's own number for it: unique, unlike the sender's id. */
  number: z.number(),
  id: z.string(),
  source: z.string(),
  topic: z.string(),
  subject: z.string().nullable(),
  /** What it is about, in one line of plain text; null where that is not known. */
  title: z.string().nullable(),
  received_at: z.string(),
});

export const deliveryOutcomeSchema = z.object({
  /** Its number: what `replay` takes. */
  delivery: z.number(),
  state: z.enum(DELIVERY_STATES),
  event: eventFacts,
  route: z.string(),
  verb: z.string(),
  lane: z.string(),
  /** Where it goes, as people call it; null where nothing was made. */
  destination: z.string().nullable(),
  /** Where the message is in Slack; both null while there is none. */
  channel: z.string().nullable(),
  ts: z.string().nullable(),
  attempts: z.number(),
  in_doubt: z.boolean(),
  reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
  accepted_at: z.string(),
  updated_at: z.string(),
  /** Not to be tried before; null once it has ended. */
  due_at: z.string().nullable(),
  replay: z.boolean(),
  replayed_as: z.number().nullable(),
  /** By whom it was dismissed, when and why; null unless it was. */
  dismissal: z.object({ at: z.string(), by: z.string().nullable(), reason: z.string() }).nullable(),
});

export const deliveryPage = z.object({
  /** Newest first. */
  deliveries: z.array(deliveryOutcomeSchema),
  /** What to ask `before` for the next page; null on the last. */
  next: z.number().nullable(),
});

export const eventOutcomeSchema = z.object({
  event: eventFacts,
  deliveries: z.array(deliveryOutcomeSchema),
  /** Today's routes that count it (at_least), and have made no delivery of it. */
  counted_by: z.array(z.string()),
  /** How often it came again with another body, which is not kept, and when last; null where it never did. */
  conflicts: z.object({ count: z.number(), last_at: z.string() }).nullable(),
});

/** What was selected and left out, by reason. */
const skipped = z.array(
  z.object({
    code: z.string(),
    detail: z.string(),
    count: z.number(),
    /** The first delivery of them; null where it is about events. */
    delivery: z.number().nullable(),
  }),
);

export const dismissResult = z.object({
  dry_run: z.boolean(),
  dismissed: z.number(),
  skipped,
  /** Those of the ids asked for that nothing has. */
  unknown_ids: z.array(z.string()),
});

export const replayResult = z.object({
  dry_run: z.boolean(),
  /** New deliveries, at the ends of their lanes. */
  deliveries: z.number(),
  /** How many conversations they go to. */
  conversations: z.number(),
  /** Dead and parked deliveries that they stand for. */
  replaced: z.number(),
  skipped,
  /** Those of the ids asked for that nothing has. */
  unknown_ids: z.array(z.string()),
});

export type DeliveryOutcome = z.output<typeof deliveryOutcomeSchema>;
export type DeliveryPage = z.output<typeof deliveryPage>;
export type EventOutcome = z.output<typeof eventOutcomeSchema>;
export type DismissResult = z.output<typeof dismissResult>;
export type ReplayResult = z.output<typeof replayResult>;

export function deliveryOutcome(record: DeliveryRecord): DeliveryOutcome {
  const { seq, state, event, eventSeq, route, target, lane, placement, attempts, reason } = record;
  const unfinished = state === 'held' || state === 'pending' || state === 'sending';
  return {
    delivery: seq,
    state,
    event: { number: eventSeq, ...eventSummary(event) },
    route,
    verb: target.verb,
    lane,
    destination: destinationOf(target),
    channel: placement?.channel ?? null,
    ts: placement?.ts ?? null,
    attempts,
    in_doubt: record.inDoubt,
    reason: reason === null ? null : { code: reason.code, detail: reason.detail },
    accepted_at: iso(record.acceptedAt),
    updated_at: iso(record.updatedAt),
    due_at: unfinished ? iso(record.dueAt) : null,
    replay: record.replay,
    replayed_as: record.replayedAs,
    dismissal: record.dismissal === null ? null : { at: iso(record.updatedAt), ...record.dismissal },
  };
}

interface EventFindings extends Pick<InspectedEvent, 'conflicts'> {
  readonly countedBy: readonly string[];
}

export function eventOutcome(
  { seq, event }: StoredEvent,
  records: readonly DeliveryRecord[],
  { countedBy, conflicts }: EventFindings,
): EventOutcome {
  return {
    event: { number: seq, ...eventSummary({ ...event, title: eventTitle(event) }) },
    deliveries: records.map(deliveryOutcome),
    counted_by: [...countedBy],
    conflicts: conflicts === null ? null : { count: conflicts.count, last_at: iso(conflicts.lastAt) },
  };
}

function eventSummary({ id, source, topic, subject, title, received_at }: DeliveryRecord['event']) {
  return { id, source, topic, subject, title, received_at };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
