/**
 * What the relay does, as it does it. One connection for the page, and none while nobody looks at it: a browser gives
 * all tabs of one address six between them.
 */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { ActivityBatch } from '../../history/live-view.ts';
import type { OverviewView } from '../../history/views.ts';

type Watcher = (batch: ActivityBatch) => void;

interface Live {
  readonly connected: boolean;
  /** The newest health that came by itself; null before any did. */
  readonly overview: OverviewView | null;
  /** What had happened when the connection was made; null before the first. */
  readonly recent: ActivityBatch | null;
  readonly watch: (watcher: Watcher) => () => void;
}

const LiveContext = createContext<Live>({
  connected: true,
  overview: null,
  recent: null,
  watch: () => () => undefined,
});

const AGAIN_MS = 5_000;

export function useLive(): Live {
  return useContext(LiveContext);
}

export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [connected, setConnected] = useState(true);
  const [overview, setOverview] = useState<OverviewView | null>(null);
  const [recent, setRecent] = useState<ActivityBatch | null>(null);
  const watchers = useMemo(() => new Set<Watcher>(), []);

  useEffect(
    () =>
      whileVisible(() =>
        connect({
          activity: (batch) => {
            for (const watcher of watchers) watcher(batch);
          },
          overview: setOverview,
          recent: setRecent,
          connected: setConnected,
        }),
      ),
    [watchers],
  );

  const live = useMemo(() => {
    const watch = (watcher: Watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    };
    return { connected, overview, recent, watch };
  }, [connected, overview, recent, watchers]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

interface Handlers {
  readonly activity: Watcher;
  readonly overview: (overview: OverviewView) => void;
  readonly recent: (batch: ActivityBatch) => void;
  readonly connected: (connected: boolean) => void;
}

/** The returned function ends it. A lost connection is taken up again, by the browser or, once it gave up, from here. */
function connect(handlers: Handlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource('api/live');
    source.addEventListener('recent', (event) => handlers.recent(JSON.parse(event.data)));
    source.addEventListener('activity', (event) => handlers.activity(JSON.parse(event.data)));
    source.addEventListener('overview', (event) => handlers.overview(JSON.parse(event.data)));
    source.addEventListener('open', () => handlers.connected(true));
    source.addEventListener('error', () => {
      handlers.connected(false);
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

/** Runs `start` whenever the page comes into view, and what it returned when it leaves. */
function whileVisible(start: () => () => void): () => void {
  let stop: (() => void) | null = null;
  const look = () => {
    if (document.visibilityState === 'visible') stop ??= start();
    else {
      stop?.();
      stop = null;
    }
  };
  look();
  document.addEventListener('visibilitychange', look);
  return () => {
    document.removeEventListener('visibilitychange', look);
    stop?.();
  };
}
