/** Times: how long ago at first sight, the instant itself on a closer look. */
import type { ReactNode } from 'react';
import { useSyncExternalStore } from 'react';
import { DAY_MS } from '../dates.ts';
import { duration } from './words.ts';

const TICK_MS = 5_000;

/** Rounded to the tick, so that all times on a page change together. */
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

/** ms since the epoch, a few seconds old at most. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}

/** `4 min ago`; the instant is shown on hover, and wherever the row around it has the focus. */
export function When({ at }: { readonly at: string }): ReactNode {
  const ms = Date.parse(at);
  const current = useNow();
  if (Number.isNaN(ms)) return <span>{at}</span>;
  return (
    <time className="when" dateTime={at} data-exact={exact(ms)}>
      {relative(ms, current)}
    </time>
  );
}

/** `21 Nov 2026, 14:02:03 (4 min ago)`, where there is room for both. */
export function Instant({ at }: { readonly at: string }): ReactNode {
  const ms = Date.parse(at);
  const current = useNow();
  if (Number.isNaN(ms)) return <span>{at}</span>;
  return (
    <time dateTime={at}>
      {exact(ms)} <span className="soft">({relative(ms, current)})</span>
    </time>
  );
}

/** In the reader's time zone. */
export function exact(ms: number): string {
  return new Date(ms).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}

/** The time of day; with the day where that is another one. */
export function momentOf(at: string, now: number): string {
  const ms = Date.parse(at);
  return new Date(ms).toDateString() === new Date(now).toDateString() ? clock(ms) : exact(ms);
}

/** To the second. */
export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB');
}

function relative(ms: number, current: number): string {
  const passed = current - ms;
  if (Math.abs(passed) < TICK_MS) return passed < 0 ? 'now' : 'just now';
  if (Math.abs(passed) >= 7 * DAY_MS) {
    return new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
  }
  return passed < 0 ? `in ${duration(-passed)}` : `${duration(passed)} ago`;
}

function watch(notify: () => void): () => void {
  watchers.add(notify);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of watchers) each();
  }, TICK_MS);
  now = Date.now();
  return () => {
    watchers.delete(notify);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
