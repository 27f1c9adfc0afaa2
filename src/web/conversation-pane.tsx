import { type KeyboardEvent, type ReactNode, useLayoutEffect } from 'react';
import type { ConversationSummary, ConversationView, ShownMessage } from '../sandbox/views.ts';
import { dateOfTs, dayName } from './dates.ts';
import { isText } from './message-body.tsx';
import { MessageRow } from './message-row.tsx';
import { goTo } from './place.ts';
import { useReading } from './reading.ts';

/** Messages of one author within this time share one head. */
const GROUP_SECONDS = 300;

interface PaneProps {
  readonly summary: ConversationSummary;
  /** null while it is on its way. */
  readonly view: ConversationView | null;
  /** The `ts` of the message that a link led to. */
  readonly target: string | null;
  /** Where the line stands that new messages are below. */
  readonly unread: { readonly from: number; readonly count: number };
  /** Shows the messages around this one; null: the newest. */
  readonly onMove: (around: string | null) => void;
  /** What opens the panel, where the list with its own is not beside it. */
  readonly panel: ReactNode;
}

export function ConversationPane({ summary, view, target, unread, onMove, panel }: PaneProps) {
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
        <span className="pane-note">{kind === 'dm' ? 'what the app sends them' : ''}</span>
        {panel}
      </header>
      {view === null ? (
        <div className="timeline" />
      ) : (
        <Timeline view={view} target={target} unread={unread} onMove={onMove} />
      )}
      <p className={archived ? 'composer composer-archived' : 'composer'}>
        {archived ? `#${name} is archived: nobody can post here.` : 'Only the relay writes here.'}
      </p>
    </section>
  );
}

function Timeline({
  view,
  target,
  unread,
  onMove,
}: Omit<PaneProps, 'summary' | 'view' | 'panel'> & { readonly view: ConversationView }) {
  const { conversation, messages, older, newer } = view;
  const lineAt = lineIndex(view, unread);
  const elsewhere = target !== null || lineAt !== null;
  const reading = useReading({ messages, newer, startAt: elsewhere ? 'elsewhere' : 'end' });
  const { list } = reading;
  useLayoutEffect(() => {
    if (target === null) list.current?.querySelector('.new-line')?.scrollIntoView({ block: 'center' });
  }, [target, list]);
  const move = (around: ShownMessage | undefined) => {
    if (around === undefined) return;
    reading.hold(around.ts);
    onMove(around.ts);
  };
  const toEnd = () => {
    onMove(null);
    reading.toEnd();
  };
  return (
    <div className="timeline">
      <h2 className="only-read">Messages</h2>
      <div
        className="messages"
        role="log"
        aria-label="Messages"
        ref={list}
        onScroll={reading.onScroll}
        onKeyDown={walk}
      >
        {older > 0 && <More count={older} what="older" onClick={() => move(messages[0])} />}
        {messages.length === 0 && <p className="older">No messages in here yet.</p>}
        {messages.map((message, index) => (
          <Entry
            key={message.ts}
            message={message}
            before={messages[index - 1]}
            channel={conversation.id}
            line={index === lineAt}
            target={message.ts === target}
          />
        ))}
        {newer > 0 && <More count={newer} what="newer" onClick={() => move(messages.at(-1))} />}
      </div>
      {(reading.above || newer > 0) && (
        <button type="button" className="to-end" onClick={toEnd}>
          {reading.missed > 0 ? `${reading.missed.toLocaleString('en-US')} new ↓` : 'Jump to the newest ↓'}
        </button>
      )}
    </div>
  );
}

/** Which of the messages is the first that was unread; null where none of them is, or all there are. */
function lineIndex(
  { conversation, messages, older, newer }: ConversationView,
  { from, count }: PaneProps['unread'],
): number | null {
  const index = messages.length + newer - (conversation.posted - from);
  return count > 0 && index >= 0 && index < messages.length && index + older > 0 ? index : null;
}

interface MoreProps {
  readonly count: number;
  readonly what: 'older' | 'newer';
  readonly onClick: () => void;
}

function More({ count, what, onClick }: MoreProps) {
  return (
    <button type="button" className="more" onClick={onClick}>
      {`${count.toLocaleString('en-US')} ${what} ${count === 1 ? 'message' : 'messages'}`}
    </button>
  );
}

interface EntryProps {
  readonly message: ShownMessage;
  readonly before: ShownMessage | undefined;
  readonly channel: string;
  /** The line of new messages stands before it. */
  readonly line: boolean;
  readonly target: boolean;
}

function Entry({ message, before, channel, line, target }: EntryProps) {
  const day = dayName(dateOfTs(message.ts));
  const newDay = before === undefined || dayName(dateOfTs(before.ts)) !== day;
  const grouped =
    !newDay &&
    !line &&
    before.user === message.user &&
    !message.broadcast &&
    before.replyCount === 0 &&
    isText(message) &&
    Number(message.ts) - Number(before.ts) < GROUP_SECONDS;
  return (
    <>
      {newDay && (
        <div className="day">
          <span>{day}</span>
        </div>
      )}
      {line && (
        <div className="new-line">
          <span>New</span>
        </div>
      )}
      <MessageRow message={message} channel={channel} grouped={grouped} inThread={false} target={target} />
    </>
  );
}

/** Up and down go from message to message. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !(event.target instanceof Element) || event.altKey || event.ctrlKey || event.metaKey)
    return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.message')];
  const at = rows.findIndex((row) => row.contains(event.target instanceof Node ? event.target : null));
  const next = at === -1 ? rows.at(-1) : rows[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
