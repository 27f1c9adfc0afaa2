/** The page's state: the conversations, live; what is selected, in the address; the messages of that. */
import { useCallback, useEffect, useReducer, useRef, useState, useSyncExternalStore } from 'react';
import { fetchView, fetchWelcome, follow, type Message, type Summary, type View, type Welcome } from './sandbox.ts';

interface Conversations {
  readonly list: readonly Summary[];
  readonly connected: boolean;
  /** False until the sandbox has answered once. */
  readonly loaded: boolean;
}

type Update = { all: readonly Summary[] } | { changed: readonly Summary[] } | { connected: boolean };

function update(state: Conversations, change: Update): Conversations {
  if ('connected' in change) return { ...state, connected: change.connected };
  if ('all' in change) return { list: change.all, connected: true, loaded: true };
  const byId = new Map(state.list.map((it) => [it.id, it]));
  for (const conversation of change.changed) byId.set(conversation.id, conversation);
  return { ...state, list: [...byId.values()] };
}

export function useConversations(): Conversations {
  const [state, dispatch] = useReducer(update, { list: [], connected: true, loaded: false });
  useEffect(
    () =>
      follow({
        all: (all) => dispatch({ all }),
        changed: (changed) => dispatch({ changed }),
        connected: (connected) => dispatch({ connected }),
      }),
    [],
  );
  return state;
}

/** How many messages of each conversation were on the screen; the rest is unread. */
export function useSeen(conversations: Conversations, shown: Summary | undefined): (it: Summary) => number {
  const [seen, setSeen] = useState<Readonly<Record<string, number>>>({});
  const id = shown?.id;
  const posted = shown?.posted;
  useEffect(() => {
    if (id !== undefined && posted !== undefined) setSeen((before) => ({ ...before, [id]: posted }));
  }, [id, posted]);
  useEffect(() => {
    // After a reset there is nothing, and nothing was seen.
    if (conversations.loaded && conversations.list.length === 0) setSeen({});
  }, [conversations]);
  return useCallback((it) => (it.id === id ? 0 : Math.max(0, it.posted - (seen[it.id] ?? 0))), [seen, id]);
}

export function useWelcome(): Welcome {
  const [welcome, setWelcome] = useState<Welcome>({ hint: null });
  useEffect(() => {
    fetchWelcome().then(setWelcome, () => undefined);
  }, []);
  return welcome;
}

/** The messages of a conversation, and of one of its threads; asked for again whenever `version` rises. */
export function useView(id: string | null, thread: string | null, version: number): View | null {
  const [view, setView] = useState<View | null>(null);
  const asked = useRef(0);
  const answered = useRef(0);
  useEffect(() => {
    if (id === null) return;
    asked.current += 1;
    const turn = asked.current;
    // Under a flood every answer is already old when it comes, and still newer than what is shown.
    const show = (fresh: View | null) => {
      if (turn < answered.current) return;
      answered.current = turn;
      setView((before) => (fresh === null ? null : merge(before, fresh)));
    };
    fetchView(id, thread).then(show, () => undefined);
  }, [id, thread, version]);
  return view?.conversation.id === id ? view : null;
}

/** Keeps the message objects that did not change, so that only changed ones are rendered again. */
function merge(before: View | null, fresh: View): View {
  if (before === null || before.conversation.id !== fresh.conversation.id) return fresh;
  const known = new Map(before.messages.map((message) => [message.ts, message]));
  const same = (message: Message): Message => {
    const old = known.get(message.ts);
    return old !== undefined && stamp(old) === stamp(message) ? old : message;
  };
  return { ...fresh, messages: fresh.messages.map(same) };
}

function stamp({ edited, reactions, replyCount, latestReply }: Message): string {
  return JSON.stringify([edited, reactions, replyCount, latestReply]);
}

interface Place {
  readonly id: string | null;
  /** The `ts` of the thread that is open beside the conversation. */
  readonly thread: string | null;
}

/** `#C123` or `#C123/1700000000.000100`. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  const [id = '', thread = ''] = hash.slice(1).split('/');
  return { id: id === '' ? null : id, thread: thread === '' ? null : thread };
}

export function goTo(id: string | null, thread: string | null = null): void {
  window.location.hash = [id, thread].filter((part) => part !== null).join('/');
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (notify) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', notify);
      return () => media.removeEventListener('change', notify);
    },
    () => window.matchMedia(query).matches,
  );
}

function onHashChange(notify: () => void): () => void {
  window.addEventListener('hashchange', notify);
  return () => window.removeEventListener('hashchange', notify);
}
