import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, messageOf } from './api.ts';

export interface Loaded<T> {
  /** The last answer; while another path is on its way, still the one before. */
  readonly data: T | null;
  readonly error: string | null;
  /** What is shown is not yet what was asked for. */
  readonly busy: boolean;
  readonly again: () => void;
}

interface LastResponse<T> {
  readonly path: string;
  readonly data: T | null;
  readonly error: string | null;
}

/**
 * What a path answers; null asks nothing. `every`: so often, in ms, it is asked again while the page is looked at; null
 * for never. After an error what was there stays, with the error beside it.
 */
export function useLoaded<T>(
  path: string | null,
  every: number | ((data: T) => number | null) | null = null,
): Loaded<T> {
  const [answer, setAnswer] = useState<LastResponse<T> | null>(null);
  const data = answer?.data ?? null;
  const everyMs = typeof every !== 'function' ? every : data === null ? null : every(data);
  const [turn, setTurn] = useState(0);
  const waiting = useRef(false);
  const again = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    const done = () => {
      waiting.current = false;
    };
    waiting.current = true;
    ask<T>(path, { signal: abort.signal }).then(
      (data) => {
        done();
        setAnswer({ path, data, error: null });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        done();
        setAnswer((before) => ({ path, data: before?.path === path ? before.data : null, error: messageOf(error) }));
      },
    );
    return () => abort.abort();
  }, [path, turn]);

  useEffect(() => {
    if (everyMs === null) return;
    // A slow answer is waited for, not asked for once more.
    const look = () => document.visibilityState === 'visible' && !waiting.current && again();
    const timer = setInterval(look, everyMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [everyMs, again]);

  return {
    data,
    error: answer?.path === path ? (answer?.error ?? null) : null,
    busy: path !== null && answer?.path !== path,
    again,
  };
}
