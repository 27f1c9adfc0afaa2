import { useMemo } from 'react';
import { ConversationPane } from './conversation-pane.tsx';
import { Empty } from './empty.tsx';
import { Sidebar } from './sidebar.tsx';
import { NamesContext } from './text.tsx';
import { ThreadPane } from './thread-pane.tsx';
import { useConversations, useMedia, usePlace, useSeen, useView, useWelcome } from './use-sandbox.ts';

/** Below this there is room for one pane at a time. */
const NARROW = '(max-width: 760px)';

export function App() {
  const conversations = useConversations();
  const { hint } = useWelcome();
  const narrow = useMedia(NARROW);
  const place = usePlace();
  const { list } = conversations;
  // On a narrow screen the list is a page of its own, so nothing is chosen for the reader.
  const selected = list.find(({ id }) => id === place.id) ?? (narrow ? undefined : list[0]);
  const unread = useSeen(conversations, selected);
  const thread = selected?.id === place.id ? place.thread : null;
  const view = useView(selected?.id ?? null, thread, selected?.version ?? 0);
  const names = useMemo(() => ({ people: view?.people ?? {}, channels: view?.channels ?? {} }), [view]);
  const root = view?.thread?.ts === thread ? view?.thread : undefined;
  const without = list.length === 0 ? 'empty' : 'list';
  const shown = root ? 'thread' : selected === undefined ? without : 'conversation';

  return (
    <NamesContext value={names}>
      <div className={`workspace shows-${shown}`}>
        <Sidebar conversations={list} selected={selected?.id ?? null} unread={unread} />
        <main className="main">
          {!conversations.connected && (
            <p className="notice" role="status">
              The sandbox does not answer. Trying again…
            </p>
          )}
          {selected !== undefined && <ConversationPane key={selected.id} summary={selected} view={view} />}
          {selected === undefined && conversations.loaded && <Empty hint={hint} some={list.length > 0} />}
        </main>
        {selected && root && <ThreadPane key={root.ts} summary={selected} root={root} />}
      </div>
    </NamesContext>
  );
}
