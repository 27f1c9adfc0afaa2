import { memo, useContext, useEffect, useRef, useState } from 'react';
import type { ReactionView, ShownMessage } from '../sandbox/views.ts';
import { Avatar } from './avatar.tsx';
import { dateOfTs } from './dates.ts';
import { emojiCharacter } from './emoji.ts';
import { EditedMark, FormerVersions } from './former.tsx';
import { Body, isText } from './message-body.tsx';
import { goTo, type Place, placeHash } from './place.ts';
import { NamesContext } from './text.tsx';
import { Ago, Time } from './time.tsx';

const APP_USER = 'U0RELAYBOT';

interface MessageRowProps {
  readonly message: ShownMessage;
  /** The conversation's id. */
  readonly channel: string;
  /** Follows a message of the same author: no head of its own. */
  readonly grouped: boolean;
  readonly inThread: boolean;
  /** A link led here. */
  readonly target?: boolean;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, channel, grouped, inThread, target = false } = props;
  const { people } = useContext(NamesContext);
  const [former, setFormer] = useState(false);
  const { ts, user, deleted, broadcast, threadTs } = message;
  const row = useTarget(target);
  const name = people[user] ?? user;
  const place = { id: channel, thread: inThread ? (threadTs ?? ts) : null, message: ts };
  const link = placeHash(place);
  const edited = <EditedMark message={message} open={former} onToggle={() => setFormer(!former)} />;
  const classes = ['message', grouped && 'message-grouped', target && 'message-target', former && 'message-open'];
  return (
    <article
      className={classes.filter(Boolean).join(' ')}
      ref={row}
      tabIndex={-1}
      data-ts={ts}
      aria-label={`${name}, ${dateOfTs(ts).toLocaleTimeString('en-US')}`}
    >
      <div className="message-side">
        {grouped ? <Time ts={ts} href={link} bare /> : <Avatar name={name} size="normal" app={user === APP_USER} />}
      </div>
      <div className="message-main">
        {!grouped && (
          <header className="message-head">
            <strong>{name}</strong>
            {user === APP_USER && <span className="app">APP</span>}
            <Time ts={ts} href={link} />
            {!isText(message) && edited}
          </header>
        )}
        {broadcast && !inThread && threadTs !== null && (
          <button type="button" className="in-thread" onClick={() => goTo(channel, threadTs)}>
            replied to a thread
          </button>
        )}
        {deleted ? <p className="not-shown">This message was deleted.</p> : <Body message={message} edited={edited} />}
        {former && <FormerVersions key={message.edited} channel={channel} message={message} />}
        {message.pinned && <p className="not-shown">📌 Pinned to this channel.</p>}
        <Reactions reactions={message.reactions} />
        {!inThread && <Replies message={message} channel={channel} />}
      </div>
      <Tools place={place} thread={!inThread && message.replyCount > 0} />
    </article>
  );
});

/** Brings the row into view, and the keyboard to it, when a link leads there. */
function useTarget(target: boolean) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!target) return;
    row.current?.scrollIntoView({ block: 'center' });
    row.current?.focus({ preventScroll: true });
  }, [target]);
  return row;
}

export function repliesLabel(count: number): string {
  return count === 1 ? '1 reply' : `${count.toLocaleString('en-US')} replies`;
}

function Replies({ message, channel }: { readonly message: ShownMessage; readonly channel: string }) {
  const { people } = useContext(NamesContext);
  const { ts, replyCount, latestReply, repliers } = message;
  if (replyCount === 0) return null;
  return (
    <button type="button" className="replies" onClick={() => goTo(channel, ts)}>
      {repliers.map((user) => (
        <Avatar key={user} name={people[user] ?? user} size="small" app={user === APP_USER} />
      ))}
      <b>{repliesLabel(replyCount)}</b>
      {latestReply !== null && (
        <span className="replies-last">
          Last reply <Ago ts={latestReply} />
        </span>
      )}
    </button>
  );
}

function Reactions({ reactions }: { readonly reactions: readonly ReactionView[] }) {
  const { people } = useContext(NamesContext);
  if (reactions.length === 0) return null;
  return (
    <ul className="reactions" aria-label="Reactions">
      {reactions.map(({ name, users }) => (
        <li key={name} title={`${users.map((user) => people[user] ?? user).join(', ')} reacted with :${name}:`}>
          <span role="img" aria-label={name}>
            {emojiCharacter(name) ?? `:${name}:`}
          </span>
          {users.length}
        </li>
      ))}
    </ul>
  );
}

/** What shows when the row is pointed at, or has the keyboard. */
function Tools({ place, thread }: { readonly place: Place; readonly thread: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    const { origin, pathname } = window.location;
    navigator.clipboard.writeText(`${origin}${pathname}${placeHash(place)}`).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div className="tools">
      {thread && (
        <button type="button" onClick={() => goTo(place.id, place.message)}>
          Open thread
        </button>
      )}
      <button type="button" onClick={copy} onBlur={() => setCopied(false)}>
        {copied ? 'Copied' : 'Copy link'}
      </button>
    </div>
  );
}
