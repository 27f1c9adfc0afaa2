import type { ReactNode } from 'react';
import type { ConversationSummary } from '../sandbox/views.ts';
import { Avatar } from './avatar.tsx';

interface SidebarProps {
  readonly conversations: readonly ConversationSummary[];
  readonly selected: string | null;
  readonly unread: (conversation: ConversationSummary) => number;
  /** What opens the panel; null where there is none. */
  readonly panel: ReactNode;
}

export function Sidebar({ conversations, selected, unread, panel }: SidebarProps) {
  const channels = conversations.filter(({ kind }) => kind === 'channel').toSorted(byName);
  const dms = conversations.filter(({ kind }) => kind === 'dm').toSorted(byName);
  const entry = (it: ConversationSummary) => (
    <Entry key={it.id} conversation={it} current={it.id === selected} unread={unread(it)} />
  );
  return (
    <nav className="sidebar" aria-label="Conversations">
      <header className="sidebar-head">
        <strong>Sandbox</strong>
        <span>alo-relay</span>
        {panel}
      </header>
      <div className="sidebar-lists">
        <h2>Channels</h2>
        {channels.length === 0 && <p className="sidebar-none">None yet</p>}
        <ul>{channels.map(entry)}</ul>
        <h2>Direct messages</h2>
        {dms.length === 0 && <p className="sidebar-none">None yet</p>}
        <ul>{dms.map(entry)}</ul>
      </div>
      <footer className="sidebar-foot">Not the real Slack. Messages are kept until the sandbox stops.</footer>
    </nav>
  );
}

interface EntryProps {
  readonly conversation: ConversationSummary;
  readonly current: boolean;
  readonly unread: number;
}

function Entry({ conversation: { id, name, kind, archived }, current, unread }: EntryProps) {
  return (
    <li>
      <a
        href={`#${id}`}
        className={unread > 0 ? 'entry entry-unread' : 'entry'}
        aria-current={current ? 'page' : undefined}
      >
        {kind === 'channel' ? (
          <span className="entry-mark" aria-hidden="true">
            #
          </span>
        ) : (
          <Avatar name={name} size="small" />
        )}
        <span className="entry-name">{name}</span>
        {archived && <span className="entry-note">archived</span>}
        {unread > 0 && (
          <span className="badge">
            {unread > 99 ? '99+' : unread}
            <span className="only-read"> unread</span>
          </span>
        )}
      </a>
    </li>
  );
}

function byName(a: ConversationSummary, b: ConversationSummary): number {
  return a.name.localeCompare(b.name);
}
