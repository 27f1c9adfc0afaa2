/** Shows the sandbox's workspace. This folder is browser code: of the floors below it takes types and slack-format/. */
import { useEffect, useMemo, useState } from 'react';
import type { ConversationSummary } from '../sandbox/views.ts';
import { ConversationPane } from './conversation-pane.tsx';
import { Empty } from './empty.tsx';
import { Panel } from './panel.tsx';
import { goTo, type Place, usePlace } from './place.ts';
import { Sidebar } from './sidebar.tsx';
import { NamesContext } from './text.tsx';
import { ThreadPane } from './thread-pane.tsx';
import { usePanel } from './use-panel.ts';
import { useLive, useMedia, useView, useWelcome } from './use-sandbox.ts';
import { useSeen } from './use-seen.ts';

/** Below this there is room for one pane at a time. */
const NARROW = '(max-width: 760px)';
/** From here on the panel stands beside the workspace; below it lies over it. */
const ROOMY = '(min-width: 1180px)';

export function App() {
  const live = useLive();
  const { hint } = useWelcome();
  const panel = usePanel(live.other);
  const [invited, setInvited] = useState(false);
  const { list } = live;
  const { selected, here, view, root, unread, move } = useReader(list);
  const [first] = list;
  useEffect(() => {
    // Whoever pressed the button is taken to what it brings, on a narrow screen too.
    if (!invited || first === undefined) return;
    goTo(first.id);
    setInvited(false);
  }, [invited, first]);
  const names = useMemo(
    () => ({ people: view?.people ?? {}, channels: view?.channels ?? {} }),
    [view?.people, view?.channels],
  );
  const roomy = useMedia(ROOMY);
  const [panelAsked, setPanelAsked] = useState<boolean | null>(null);
  const panelOpen = panel !== null && (panelAsked ?? roomy);
  const shows = root !== null ? 'thread' : selected !== null ? 'conversation' : list.length > 0 ? 'list' : 'empty';
  const toggle = panel !== null && (
    <button
      type="button"
      className="panel-toggle"
      aria-expanded={panelOpen}
      aria-controls={panelOpen ? 'panel' : undefined}
      onClick={() => setPanelAsked(!panelOpen)}
    >
      Try it
    </button>
  );
  return (
    <NamesContext value={names}>
      <div className={`workspace shows-${shows} ${panelOpen ? 'with-panel' : ''}`}>
        <Sidebar conversations={list} selected={selected?.id ?? null} unread={unread.of} panel={toggle} />
        <main className="main">
          {!live.connected && <Disconnected />}
          {selected !== null && (
            <ConversationPane
              key={selected.id}
              summary={selected}
              view={view}
              target={here.thread === null ? here.message : null}
              unread={unread.atOpening}
              onMove={move}
              panel={toggle}
            />
          )}
          {selected === null && live.loaded && (
            <Empty
              hint={hint}
              samples={panel?.samples ?? null}
              some={list.length > 0}
              onSent={() => setInvited(true)}
            />
          )}
        </main>
        {selected && root && <ThreadPane key={root.ts} summary={selected} root={root} target={here.message} />}
        {panelOpen && <Panel state={panel} shown={selected} list={list} onClose={() => setPanelAsked(false)} />}
      </div>
    </NamesContext>
  );
}

function Disconnected() {
  return (
    <p className="notice" role="status">
      The sandbox does not answer. Trying again…
    </p>
  );
}

/** What the reader sees: the conversation that the address names, or the first. */
function useReader(list: readonly ConversationSummary[]) {
  const place = usePlace();
  // On a narrow screen the list is a page of its own, so nothing is chosen for the reader.
  const narrow = useMedia(NARROW);
  const selected = list.find(({ id }) => id === place.id) ?? (narrow ? null : (list[0] ?? null));
  const here = selected?.id === place.id ? place : NOWHERE;
  const [around, move] = useWindow(here);
  const asked = selected === null ? null : { id: selected.id, thread: here.thread, around };
  const view = useView(asked, selected?.version ?? 0);
  const root = here.thread !== null && view?.thread?.ts === here.thread ? view.thread : null;
  const unread = useSeen(list, selected);
  useTitle(
    selected?.name ?? null,
    list.reduce((sum, it) => sum + unread.of(it), 0),
  );
  return { selected, here, view, root, unread, move };
}

const NOWHERE: Place = { id: null, thread: null, message: null };

/** Which message the shown ones lie around: where a link led, until the reader moves. */
function useWindow({ id, thread, message }: Place): [around: string | null, move: (around: string | null) => void] {
  const key = `${id}/${message}`;
  const [moved, setMoved] = useState<{ readonly key: string; readonly around: string | null } | null>(null);
  const around = moved?.key === key ? moved.around : thread === null ? message : null;
  return [around, (to) => setMoved({ key, around: to })];
}

function useTitle(name: string | null, unread: number): void {
  useEffect(() => {
    const place = name === null ? 'Slack sandbox' : `${name} · Slack sandbox`;
    document.title = unread > 0 ? `(${unread}) ${place}` : place;
  }, [name, unread]);
}
