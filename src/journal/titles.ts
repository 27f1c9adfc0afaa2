/** Reads the titles of events for lists. */
import { sql } from 'kysely';
import { readEventHeader } from '../core/event-header.ts';
import { eventTitle } from '../core/event-title.ts';
import type { Connection } from './operation.ts';
import { statement } from './statement.ts';
import { eventOf } from './stored-event.ts';

/** In bytes. What is larger is not read for a title: a list of a thousand rows stays quick. */
const LARGEST_HEADER = sql.lit(65_536);
const LARGEST_BODY = sql.lit(16_384);

/** By event. An event without a title is not in it. The payload is read only where the header has none. */
export async function titlesOf(
  connection: Pick<Connection, 'rows'>,
  eventSeqs: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const titles = new Map<number, string>();
  if (eventSeqs.length === 0) return titles;
  const untitled: number[] = [];
  for (const { seq, envelope } of await connection.rows(headers, listOf(eventSeqs))) {
    const title = eventTitle({ ...readEventHeader(envelope), payload: null });
    if (title === null) untitled.push(seq);
    else titles.set(seq, title);
  }
  if (untitled.length === 0) return titles;
  for (const { seq, ...row } of await connection.rows(bodies, listOf(untitled))) {
    const title = eventTitle(eventOf(row));
    if (title !== null) titles.set(seq, title);
  }
  return titles;
}

interface Listed {
  /** As JSON. */
  readonly seqs: string;
}

function listOf(seqs: readonly number[]): Listed {
  return { seqs: JSON.stringify([...new Set(seqs)]) };
}

interface HeaderRow {
  readonly seq: number;
  readonly envelope: string;
}

const headers = statement<Listed, HeaderRow>(
  (param, { findText }) => sql`
    select seq, envelope from events
    where seq in ${findText.listed(param('seqs'))} and octet_length(envelope) <= ${LARGEST_HEADER}`,
);

const bodies = statement<Listed, HeaderRow & { body: Uint8Array }>(
  (param, { findText }) => sql`
    select seq, envelope, body from events
    where seq in ${findText.listed(param('seqs'))} and octet_length(body) <= ${LARGEST_BODY}`,
);
