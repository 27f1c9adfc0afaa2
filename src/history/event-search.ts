/** Searching the journal, a bounded piece at a time: commits get their turn between the pieces. */

import type { Clock } from '../core/clock.ts';
import type { EventSearch, FoundEvent, Journal } from '../journal/contract.ts';
import type { EventPage, EventRow } from './views.ts';

/** `look` is for the journal alone. */
export type EventFilter = Omit<EventSearch, 'look'>;

/** Events that the journal looks at in one go: a few ms. Bodies take longer to look through than what indexes are made of. */
const PIECE = 2_000;
const PIECE_OF_BODIES = 500;
/** Events looked at for one answer, and the time after which it ends: then the page asks for more, or does not. */
const MOST_LOOKED_AT = 20_000;
const MOST_BODIES_LOOKED_AT = 5_000;
const LONGEST_MS = 250;

interface SearchParts {
  readonly journal: Pick<Journal, 'search'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Newest first. Rejects as the journal does. */
export async function searchEvents(filter: EventFilter, { journal, clock }: SearchParts): Promise<EventPage> {
  const { before: first, limit, ...conditions } = filter;
  const bodies = filter.text !== undefined;
  const look = bodies ? PIECE_OF_BODIES : PIECE;
  const began = clock.monotonic();
  const events: EventRow[] = [];
  let before = first;
  for (let left = bodies ? MOST_BODIES_LOOKED_AT : MOST_LOOKED_AT; ; left -= look) {
    const search = { ...conditions, before, limit: limit - events.length, look };
    const { events: found, next, lookedUntil } = await journal.search(search);
    events.push(...found.map(rowOf));
    const enough = events.length === limit || left <= look || clock.monotonic() - began > LONGEST_MS;
    if (next === null) return { events, next, searched_until: null };
    if (enough) return { events, next, searched_until: lookedUntil === null ? null : iso(lookedUntil) };
    before = next;
  }
}

function rowOf({ seq, receivedAt, ...event }: FoundEvent): EventRow {
  return { number: seq, ...event, received_at: iso(receivedAt) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
