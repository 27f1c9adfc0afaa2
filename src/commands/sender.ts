/** One webhook, posted as a sender posts it: signed anew for every attempt, the same id over all of them. */
import { setTimeout as sleep } from 'node:timers/promises';
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
  readonly id: string;
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
export async function post(message: Message): Promise<Delivery> {
  const started = performance.now();
  for (let attempts = 1; ; attempts++) {
    const answer = await postOnce(message);
    const again = answer.status === null ? !answer.unreachable : answer.status >= 500;
    if (!again || attempts === ATTEMPTS) {
      const { topic, messageId: id } = message;
      return { topic, id, attempts, ms: performance.now() - started, ...answer };
    }
    await sleep(answer.retryAfterMs ?? REPEAT_AFTER_MS);
  }
}

interface Answer extends Pick<Delivery, 'ok' | 'status' | 'detail' | 'unreachable'> {
  readonly retryAfterMs?: number;
}

async function postOnce({ source, url, body, messageId }: Message): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: source.sign({ body, messageId, nowMs: Date.now() }),
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      ok: response.ok,
      status: response.status,
      detail: response.ok ? 'accepted' : text.slice(0, 300),
      unreachable: false,
      ...(retryAfter > 0 && { retryAfterMs: Math.min(retryAfter, 60) * 1000 }),
    };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
    const unreachable = ['ECONNREFUSED', 'ENOTFOUND', 'ERR_INVALID_URL'].includes(code);
    const detail = unreachable
      ? `Nothing listens at ${url}. Start it first (npm start), or name another place with --url.`
      : `No answer from ${url} (${code || (cause instanceof Error ? cause.message : String(cause))}).`;
    return { ok: false, status: null, detail, unreachable };
  }
}
