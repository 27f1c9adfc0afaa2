/** What was on the screen in this visit (this tab, reloads included); the rest is unread. */
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { ConversationSummary } from '../sandbox/views.ts';

/** By conversation: how many of its messages were seen. */
type Seen = Readonly<Record<string, number>>;

const STORED_AS = 'alo-relay-sandbox-seen';

interface Unread {
  of(conversation: ConversationSummary): number;
  /** How many were unread when the shown conversation was opened, or came back into sight: what the line stands before. */
  readonly atOpening: { readonly from: number; readonly count: number };
}

export function useSeen(list: readonly ConversationSummary[], shown: ConversationSummary | null): Unread {
  const [seen, setSeen] = useState<Seen>(stored);
  const inSight = useSyncExternalStore(onVisibility, () => document.visibilityState === 'visible');
  const id = inSight ? shown?.id : undefined;
  const posted = shown?.posted ?? 0;
  const countOf = useCallback(
    (it: ConversationSummary) => Math.max(0, it.posted - Math.min(it.posted, seen[it.id] ?? 0)),
    [seen],
  );

  const [opening, setOpening] = useState({ id, from: 0, count: 0 });
  if (opening.id !== id) {
    const count = shown === null ? 0 : countOf(shown);
    // Out of sight, the line stays where it was until the reader is back.
    setOpening(id === undefined ? { ...opening, id } : { id, from: posted - count, count });
  }
  useEffect(() => {
    if (id !== undefined) setSeen((before) => ({ ...before, [id]: posted }));
  }, [id, posted]);
  useEffect(() => {
    // Fewer than were seen: the sandbox has forgotten them, and begins anew.
    const begunAnew = (it: ConversationSummary) => it.posted < (seen[it.id] ?? 0);
    if (list.some(begunAnew)) setSeen(Object.fromEntries(list.filter((it) => it.id === id).map(seenNow)));
  }, [list, seen, id]);
  useEffect(() => store(seen), [seen]);
  return { of: (it) => (it.id === id ? 0 : countOf(it)), atOpening: opening };
}

function seenNow({ id, posted }: ConversationSummary): [string, number] {
  return [id, posted];
}

function stored(): Seen {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(STORED_AS) ?? '{}');
    return Object.fromEntries(Object.entries(Object(kept)).map(([id, count]) => [id, Number(count) || 0]));
  } catch {
    return {};
  }
}

function store(seen: Seen): void {
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify(seen));
  } catch {
    // No storage: then a reload forgets what was seen.
  }
}

function onVisibility(notify: () => void): () => void {
  document.addEventListener('visibilitychange', notify);
  return () => document.removeEventListener('visibilitychange', notify);
}
