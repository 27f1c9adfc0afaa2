/** Where in the dashboard one is. It stands in the address behind `#`, so that any view can be linked to and gone back from. */
import { useMemo, useSyncExternalStore } from 'react';

export interface Place {
  /** `['events', '17']` for `#/events/17`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  return useMemo(() => placeOf(hash), [hash]);
}

/** The address of a view; empty values are left out. */
export function linkTo(path: string, query: Readonly<Record<string, string | number | null | undefined>> = {}): string {
  const kept = Object.entries(query).flatMap(([key, value]) =>
    value === null || value === undefined || value === '' ? [] : [[key, String(value)]],
  );
  const search = new URLSearchParams(kept).toString();
  return `#/${path}${search === '' ? '' : `?${search}`}`;
}

export function goTo(address: string): void {
  window.location.hash = address;
}

/** Without a step to go back to: for a filter that is still being typed. */
export function replaceBy(address: string): void {
  window.location.replace(address);
}

function placeOf(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter((part) => part !== ''), query: new URLSearchParams(search) };
}

function onHashChange(notify: () => void): () => void {
  window.addEventListener('hashchange', notify);
  return () => window.removeEventListener('hashchange', notify);
}
