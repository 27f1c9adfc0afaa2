/**
 * Finds duplicates whose body differs from the stored one. They are answered like any duplicate, since the first body
 * counts, and are counted and shown. Only duplicates are compared, so an accepted event costs nothing more.
 */
import type { RelayEvent } from '../../core/event.ts';
import type { Journal } from '../../journal/contract.ts';
import { samePayload } from '../../sources/source.ts';

export interface Conflict {
  /** The journal's number for the event that was accepted. */
  readonly eventSeq: number;
  /** How often it has come with another body, this time included. */
  readonly count: number;
}

/** A webhook that came again. */
export interface Repeat {
  readonly event: RelayEvent;
  readonly dedupe: { readonly key: string };
  /** ms since the epoch. */
  readonly at: number;
}

/** Events with one id: of several sources, or of one source after its key expired. */
const MOST_OF_AN_ID = 20;

/**
 * Null where the body is the one that was stored. Never rejects: a duplicate is answered while the journal is down.
 * Known limit: an event whose `dedupe.key` is redacted has no id to find it by, and is not compared.
 */
export async function findConflict(
  journal: Pick<Journal, 'events' | 'noteConflict'>,
  { event: { id, source, payload }, dedupe, at }: Repeat,
): Promise<Conflict | null> {
  // The body is the key.
  if (dedupe.key.startsWith('sha256:')) return null;
  try {
    const found = await journal.events({ id, limit: MOST_OF_AN_ID });
    const first = found.findLast(({ event }) => event.source === source);
    if (first === undefined || samePayload(first.event.payload, payload)) return null;
    const count = await journal.noteConflict(first.seq, at);
    return count === null ? null : { eventSeq: first.seq, count };
  } catch {
    return null;
  }
}
