import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { dateOfTs, dayName } from './dates.ts';
import { MessageRow } from './message-row.tsx';
import type { Message, Summary, View } from './sandbox.ts';
import { goTo } from './use-sandbox.ts';

/** Messages of one author within this time share one head. */
const GROUP_SECONDS = 300;
/** This close to the end counts as reading along. */
const AT_END_PX = 80;

interface PaneProps {
  readonly summary: Summary;
  /** null while it is on its way. */
  readonly view: View | null;
}

export function ConversationPane({ summary, view }: PaneProps) {
  const { kind, name, archived } = summary;
  return (
    <section className="pane" aria-label={kind === 'channel' ? `Channel ${name}` : `Direct messages to ${name}`}>
      <header className="pane-head">
        <button type="button" className="back" onClick={() => goTo(null)} aria-label="All conversations">
          ←
        </button>
        <h1>
          {kind === 'channel' && <span className="pane-mark">#</span>}
          {name}
        </h1>
        <span className="pane-note">{kind === 'dm' ? 'what the app sends them' : archived ? 'archived' : ''}</span>
      </header>
      {view !== null && <Timeline view={view} />}
    </section>
  );
}

function Timeline({ view: { conversation, messages, older } }: { readonly view: View }) {
  const { list, missed, onScroll, toEnd } = useReadingAlong(messages.at(-1)?.ts);
  return (
    <div className="timeline">
      <div className="messages" role="log" aria-label="Messages" ref={list} onScroll={onScroll}>
        {older > 0 && <p className="older">{older.toLocaleString('en-US')} older messages are not shown</p>}
        {messages.length === 0 && <p className="older">No messages in here yet.</p>}
        {messages.map((message, index) => (
          <Entry key={message.ts} message={message} before={messages[index - 1]} channel={conversation.id} />
        ))}
      </div>
      {missed && (
        <button type="button" className="to-end" onClick={toEnd}>
          New messages ↓
        </button>
      )}
    </div>
  );
}

interface EntryProps {
  readonly message: Message;
  readonly before: Message | undefined;
  readonly channel: string;
}

function Entry({ message, before, channel }: EntryProps) {
  const day = dayName(dateOfTs(message.ts));
  const newDay = before === undefined || dayName(dateOfTs(before.ts)) !== day;
  const grouped =
    !newDay &&
    before.user === message.user &&
    !message.broadcast &&
    (before.replyCount ?? 0) === 0 &&
    message.blocks === null &&
    Number(message.ts) - Number(before.ts) < GROUP_SECONDS;
  return (
    <>
      {newDay && (
        <div className="day">
          <span>{day}</span>
        </div>
      )}
      <MessageRow message={message} channel={channel} grouped={grouped} inThread={false} />
    </>
  );
}

/** Stays at the end as messages come, unless the reader has scrolled up. */
function useReadingAlong(newest: string | undefined) {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [missed, setMissed] = useState(false);
  const toEnd = () => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    setMissed(false);
  };
  const onScroll = () => {
    const at = list.current;
    if (at === null) return;
    atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < AT_END_PX;
    if (atEnd.current) setMissed(false);
  };
  useLayoutEffect(() => {
    if (atEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  });
  const first = useRef(newest);
  useEffect(() => {
    if (newest !== first.current && !atEnd.current) setMissed(true);
    first.current = newest;
  }, [newest]);
  return { list, missed, onScroll, toEnd };
}
