import { useEffect, useRef } from 'react';

/** The field that `/` leads to. */
export const SEARCH_ID = 'event-search';

const KEPT = 'alo-relay.shortcuts';

export function shortcutsOn(): boolean {
  try {
    return localStorage.getItem(KEPT) !== 'off';
  } catch {
    return true;
  }
}

export function switchShortcuts(on: boolean): void {
  try {
    localStorage.setItem(KEPT, on ? 'on' : 'off');
  } catch {
    // Storage is denied: they stay on.
  }
}

/** Keys pressed outside of fields and dialogs; `take` says whether it took one. */
export function useKeys(take: (key: string) => boolean): void {
  const newest = useRef(take);
  newest.current = take;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || event.defaultPrevented || !shortcutsOn()) return;
      if (target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null) return;
      if (newest.current(key)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
