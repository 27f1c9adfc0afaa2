import { memo, useContext } from 'react';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks.tsx';
import { ago, clockTime, dateOfTs } from './dates.ts';
import { emojiCharacter } from './mrkdwn.ts';
import type { Message, Reaction } from './sandbox.ts';
import { Mrkdwn, NamesContext } from './text.tsx';
import { goTo, useMedia } from './use-sandbox.ts';

interface MessageRowProps {
  readonly message: Message;
  /** The conversation's id. */
  readonly channel: string;
  /** Follows a message of the same author: no head of its own. */
  readonly grouped: boolean;
  readonly inThread: boolean;
}

const APP_USER = 'U0RELAYBOT';

export const MessageRow = memo(function MessageRow({ message, channel, grouped, inThread }: MessageRowProps) {
  const { people } = useContext(NamesContext);
  const { ts, user, blocks, edited, broadcast, threadTs, replyCount = 0, latestReply } = message;
  const name = people[user] ?? user;
  return (
    <article className={grouped ? 'message message-grouped' : 'message'}>
      <div className="message-side">
        {grouped ? <Time ts={ts} bare /> : <Avatar name={name} size="normal" app={user === APP_USER} />}
      </div>
      <div className="message-main">
        {!grouped && (
          <header className="message-head">
            <strong>{name}</strong>
            {user === APP_USER && <span className="app">APP</span>}
            <Time ts={ts} />
            {blocks !== null && <Edited ts={edited} />}
          </header>
        )}
        {broadcast && !inThread && threadTs !== null && (
          <button type="button" className="in-thread" onClick={() => goTo(channel, threadTs)}>
            replied to a thread
          </button>
        )}
        <Body message={message} />
        <Reactions reactions={message.reactions} />
        {!inThread && replyCount > 0 && (
          <button type="button" className="replies" onClick={() => goTo(channel, ts)}>
            <Avatar name={name} size="small" app={user === APP_USER} />
            <b>{repliesLabel(replyCount)}</b>
            {latestReply != null && <span>Last reply {ago(dateOfTs(latestReply))}</span>}
          </button>
        )}
      </div>
    </article>
  );
});

export function repliesLabel(count: number): string {
  return count === 1 ? '1 reply' : `${count.toLocaleString('en-US')} replies`;
}

function Body({ message: { text, blocks, edited } }: { readonly message: Message }) {
  const dark = useMedia('(prefers-color-scheme: dark)');
  return (
    <div className="message-body">
      {blocks === null ? (
        <div className="message-text">
          <Mrkdwn source={text} /> <Edited ts={edited} />
        </div>
      ) : (
        <Blocks blocks={blocks} dark={dark} />
      )}
    </div>
  );
}

function Edited({ ts }: { readonly ts: string | null }) {
  if (ts === null) return null;
  return (
    <span className="edited" title={dateOfTs(ts).toLocaleString('en-US')}>
      (edited)
    </span>
  );
}

function Reactions({ reactions }: { readonly reactions: readonly Reaction[] }) {
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

function Time({ ts, bare = false }: { readonly ts: string; readonly bare?: boolean }) {
  const date = dateOfTs(ts);
  const clock = clockTime(date);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString('en-US')}>
      {bare ? clock.replace(/\s?[AP]M$/, '') : clock}
    </time>
  );
}
