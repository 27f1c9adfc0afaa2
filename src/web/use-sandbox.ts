/** The page's state: the conversations and what else is told, live; the messages of the one that is shown. */
import { useEffect, useReducer, useRef, useState, useSyncExternalStore } from 'react';
import type { ConversationSummary, ConversationView, ShownMessage } from '../sandbox/views.ts';
import { type ConversationAsked, fetchView, fetchWelcome, follow, type Welcome } from './sandbox.ts';

interface Live {
  readonly list: readonly ConversationSummary[];
  readonly connected: boolean;
  /** False until the sandbox has answered once. */
  readonly loaded: boolean;
  /** What else was announced, by topic. */
  readonly other: Readonly<Record<string, unknown>>;
}

type Update =
  | { all: readonly ConversationSummary[] }
  | { changed: readonly ConversationSummary[] }
  | { connected: boolean }
  | { topic: string; data: unknown };

function update(state: Live, change: Update): Live {
  if ('connected' in change) return { ...state, connected: change.connected };
  if ('topic' in change) return { ...state, other: { ...state.other, [change.topic]: change.data } };
  if ('all' in change) return { ...state, list: change.all, connected: true, loaded: true };
  const byId = new Map(state.list.map((it) => [it.id, it]));
  for (const conversation of change.changed) byId.set(conversation.id, conversation);
  return { ...state, list: [...byId.values()] };
}

export function useLive(): Live {
  const [state, dispatch] = useReducer(update, { list: [], connected: true, loaded: false, other: {} });
  useEffect(
    () =>
      follow({
        all: (all) => dispatch({ all }),
        changed: (changed) => dispatch({ changed }),
        connected: (connected) => dispatch({ connected }),
        other: (topic, data) => dispatch({ topic, data }),
      }),
    [],
  );
  return state;
}

export function useWelcome(): Welcome {
  const [welcome, setWelcome] = useState<Welcome>({ hint: null });
  useEffect(() => {
    fetchWelcome().then(setWelcome, () => undefined);
  }, []);
  return welcome;
}

/**
 * The messages of a conversation, and of one of its threads; asked for again whenever `version` rises, one request at a
 * time: under a flood, what rises meanwhile is asked for together. Null while nothing of it is there.
 */
export function useView(asked: ConversationAsked | null, version: number): ConversationView | null {
  const [view, setView] = useState<ConversationView | null>(null);
  const wanted = useRef<(ConversationAsked & { readonly version: number }) | null>(null);
  const busy = useRef(false);
  const { id = null, thread = null, around = null } = asked ?? {};
  useEffect(() => {
    if (id === null) return;
    wanted.current = { id, thread, around, version };
    if (busy.current) return;
    busy.current = true;
    const askOn = async (): Promise<void> => {
      for (let next = wanted.current; next !== null; next = wanted.current) {
        wanted.current = null;
        const fresh = await fetchView(next).catch(() => undefined);
        if (fresh !== undefined) setView((before) => (fresh === null ? null : merge(before, fresh)));
      }
    };
    void askOn().finally(() => {
      busy.current = false;
    });
  }, [id, thread, around, version]);
  return view?.conversation.id === id ? view : null;
}

/** Keeps the message objects that did not change, so that only changed ones are rendered again. */
function merge(before: ConversationView | null, fresh: ConversationView): ConversationView {
  if (before === null || before.conversation.id !== fresh.conversation.id) return fresh;
  const known = new Map(before.messages.map((message) => [message.ts, message]));
  const same = (message: ShownMessage): ShownMessage => {
    const old = known.get(message.ts);
    return old !== undefined && stamp(old) === stamp(message) ? old : message;
  };
  const unchanged = JSON.stringify([before.people, before.channels]) === JSON.stringify([fresh.people, fresh.channels]);
  const names = unchanged ? { people: before.people, channels: before.channels } : {};
  return { ...fresh, ...names, messages: fresh.messages.map(same) };
}

function stamp({ edited, reactions, pinned, replyCount, latestReply }: ShownMessage): string {
  return JSON.stringify([edited, reactions, pinned, replyCount, latestReply]);
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
