import { useEffect, useRef } from 'react';
import { MessageRow, repliesLabel } from './message-row.tsx';
import type { Message, Summary } from './sandbox.ts';
import { goTo } from './use-sandbox.ts';

export function ThreadPane({ summary, root }: { readonly summary: Summary; readonly root: Message }) {
  const close = () => goTo(summary.id);
  const pane = useRef<HTMLElement>(null);
  // The keyboard goes into the thread, and back to where it came from.
  useEffect(() => {
    const before = document.activeElement;
    pane.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <aside
      className="thread"
      aria-label="Thread"
      ref={pane}
      tabIndex={-1}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <header className="pane-head">
        <button type="button" className="back" onClick={close} aria-label="Back to the conversation">
          ←
        </button>
        <h1>Thread</h1>
        <span className="pane-note">
          {summary.kind === 'channel' ? '# ' : ''}
          {summary.name}
        </span>
        <button type="button" className="close" onClick={close} aria-label="Close the thread">
          ×
        </button>
      </header>
      <div className="messages">
        <MessageRow message={root} channel={summary.id} grouped={false} inThread />
        <div className="thread-count">
          <span>{repliesLabel(root.replies.length)}</span>
        </div>
        {root.replies.map((reply) => (
          <MessageRow key={reply.ts} message={reply} channel={summary.id} grouped={false} inThread />
        ))}
      </div>
    </aside>
  );
}
