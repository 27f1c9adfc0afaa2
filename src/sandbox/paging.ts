/** Cursor paging over messages sorted by time, as `conversations.history` and `conversations.replies` do it. */
import { type Message, parseTs } from './message.ts';
import { Refusal } from './refusal.ts';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly oldest?: string | undefined;
  readonly latest?: string | undefined;
  /** Whether messages at exactly `oldest` and `latest` belong to the page. */
  readonly inclusive: boolean;
  /** Nothing at or after this instant (microseconds) is shown yet. */
  readonly hiddenFromMicros?: number | undefined;
}

export interface Page {
  readonly messages: readonly Message[];
  /** Where the next page starts; empty on the last one. */
  readonly nextCursor: string;
}

/** Newest first. Throws `invalid_cursor`, `invalid_ts_oldest`, `invalid_ts_latest`. */
export function newestFirst(messages: readonly Message[], request: PageRequest): Page {
  const { from, to } = bounds(messages, request);
  const end = request.cursor === undefined ? to : Math.min(to, firstAtOrAfter(messages, decode(request.cursor) + 1));
  const start = Math.max(from, end - request.limit);
  const next = start > from ? messages[start - 1] : undefined;
  return { messages: messages.slice(start, end).reverse(), nextCursor: encode(next) };
}

/** Oldest first. Throws like `newestFirst`. */
export function oldestFirst(messages: readonly Message[], request: PageRequest): Page {
  const { from, to } = bounds(messages, request);
  const start = request.cursor === undefined ? from : Math.max(from, firstAtOrAfter(messages, decode(request.cursor)));
  const end = Math.min(to, start + request.limit);
  return { messages: messages.slice(start, end), nextCursor: encode(end < to ? messages[end] : undefined) };
}

function bounds(messages: readonly Message[], request: PageRequest): { from: number; to: number } {
  const { inclusive, hiddenFromMicros = Number.POSITIVE_INFINITY } = request;
  const oldest = instant(request.oldest, 0, 'invalid_ts_oldest');
  const latest = instant(request.latest, Number.POSITIVE_INFINITY, 'invalid_ts_latest');
  const from = firstAtOrAfter(messages, request.oldest === undefined || inclusive ? oldest : oldest + 1);
  const to = firstAtOrAfter(messages, Math.min(inclusive ? latest + 1 : latest, hiddenFromMicros));
  return { from, to: Math.max(from, to) };
}

function instant(ts: string | undefined, absent: number, code: string): number {
  if (ts === undefined) return absent;
  const micros = parseTs(ts);
  if (micros === null) throw new Refusal(code);
  return micros;
}

/** Binary search: the index of the first message that is not before `micros`. */
function firstAtOrAfter(messages: readonly Message[], micros: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.micros ?? 0) < micros) low = middle + 1;
    else high = middle;
  }
  return low;
}

function encode(next: Message | undefined): string {
  return next === undefined ? '' : Buffer.from(`next_ts:${next.micros}`).toString('base64');
}

function decode(cursor: string): number {
  const match = /^next_ts:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64').toString('latin1'));
  if (match === null) throw new Refusal('invalid_cursor');
  return Number(match[1]);
}
