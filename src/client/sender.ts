/** One webhook, posted as a sender posts it: signed anew for every attempt, the same id over all of them. */
import { type Clock, systemClock } from '../core/clock.ts';
import type { Source } from '../sources/source.ts';

/** Allo waits 5 s before its first repetition, and this long for an answer. */
const REPEAT_AFTER_MS = 5_000;
const ANSWER_WITHIN_MS = 20_000;
const ATTEMPTS = 3;

export interface Message {
  readonly source: Source;
  readonly url: string;
  readonly topic: string;
  readonly body: string;
  readonly messageId: string;
}

export interface Delivery {
  readonly ok: boolean;
  readonly topic: string;
  /** The event's, as the answer names it; null where none was made: it was refused, or a duplicate. */
  readonly id: string | null;
  /** Null where nothing answered. */
  readonly status: number | null;
  readonly attempts: number;
  /** Until the last answer. */
  readonly ms: number;
  readonly detail: string;
  /** Nothing listens there: trying others makes no sense. */
  readonly unreachable: boolean;
}

/** Repeats what may go better the next time. Never rejects. */
export async function post(message: Message, clock: Clock = systemClock): Promise<Delivery> {
  const started = clock.monotonic();
  for (let attempts = 1; ; attempts++) {
    const answer = await postOnce(message, clock);
    const again = answer.status === null ? !answer.unreachable : answer.status >= 500;
    if (!again || attempts === ATTEMPTS) {
      const { topic } = message;
      return { topic, attempts, ms: clock.monotonic() - started, ...answer };
    }
    await pause(clock, answer.retryAfterMs ?? REPEAT_AFTER_MS);
  }
}

const LONGEST_WAIT_MS = 60_000;

interface PostResult extends Pick<Delivery, 'ok' | 'id' | 'status' | 'detail' | 'unreachable'> {
  readonly retryAfterMs?: number;
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

async function postOnce({ source, url, body, messageId }: Message, clock: Clock): Promise<PostResult> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: source.sign({ body, messageId, nowMs: clock.now() }),
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    const retryAfterMs = waitOf(response.headers.get('retry-after'), clock.now());
    return {
      ok: response.ok,
      id: response.headers.get('event-id'),
      status: response.status,
      detail: response.ok ? 'accepted' : text.slice(0, 300),
      unreachable: false,
      ...(retryAfterMs !== null && { retryAfterMs }),
    };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
    const unreachable = ['ECONNREFUSED', 'ENOTFOUND', 'ERR_INVALID_URL'].includes(code);
    const detail = unreachable
      ? `Nothing listens at ${url}. Start it first (npm start), or name another place with --url.`
      : `No answer from ${url} (${code || (cause instanceof Error ? cause.message : String(cause))}).`;
    return { ok: false, id: null, status: null, detail, unreachable };
  }
}

/** What `Retry-After` asks for, in seconds or as a date; null where it says nothing of use. */
function waitOf(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : null;
}
