import type { Pool } from 'pg';
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { News, Peers } from '../cluster.ts';
import type { Listener } from './listener.ts';
import { throttledLog } from './throttled-log.ts';

export interface PeersParts {
  readonly listener: Listener;
  readonly pool: Pick<Pool, 'query'>;
  /** Those who share it are peers. */
  readonly channel: string;
  /** Unique among them. */
  readonly instance: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** Longer payloads are refused by Postgres (in bytes). */
const LONGEST_PAYLOAD = 7_999;

/** What is cut off a reason's sentence that makes it too long. */
const DETAIL_CHARS = 500;

const DAY_MS = 86_400_000;

/** Anybody who may connect may notify: what comes in is read like anything else from outside. */
const LETTER = z.object({
  from: z.string().min(1).max(200),
  news: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('trouble'),
      reason: z.object({ code: z.string().min(1).max(100), detail: z.string().max(2 * DETAIL_CHARS) }),
    }),
    z.object({ kind: z.literal('recovered') }),
    z.object({
      kind: z.literal('limited'),
      channel: z.string().min(1).max(200),
      afterMs: z.number().min(0).max(DAY_MS),
    }),
  ]),
});

/** News by NOTIFY: it reaches who is connected at that moment, and nobody else. */
export function createPeers({ listener, pool, channel, instance, clock, log }: PeersParts): Peers {
  const throttled = throttledLog(log, clock);
  const listeners = new Set<(news: News) => void>();
  return {
    tell(news) {
      const letter = JSON.stringify({ from: instance, news: shortened(news) });
      if (Buffer.byteLength(letter) > LONGEST_PAYLOAD) return;
      pool.query('select pg_notify($1, $2)', [channel, letter]).catch((error: unknown) => {
        throttled.warn('the other instances could not be told', error);
      });
    },
    listen(hear) {
      if (listeners.size === 0) listener.listen(channel, { onMessage: (payload) => receive(payload) });
      listeners.add(hear);
    },
  };

  function receive(payload: string): void {
    const letter = LETTER.safeParse(parsed(payload));
    // Not ours, or from a newer version that knows more: neither is worth a line in the log.
    if (!letter.success || letter.data.from === instance) return;
    for (const hear of listeners) hear(letter.data.news);
  }
}

function shortened(news: News): News {
  if (news.kind !== 'trouble') return news;
  const { code, detail } = news.reason;
  return { kind: 'trouble', reason: { code, detail: detail.slice(0, DETAIL_CHARS) } };
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}
