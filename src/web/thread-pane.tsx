import { useEffect, useRef } from 'react';
import type { ConversationSummary, ShownThread } from '../sandbox/views.ts';
import { MessageRow, repliesLabel } from './message-row.tsx';
import { goTo } from './place.ts';

interface ThreadPaneProps {
  readonly summary: ConversationSummary;
  readonly root: ShownThread;
  /** The `ts` of the reply that a link led to. */
  readonly target: string | null;
}

export function ThreadPane({ summary, root, target }: ThreadPaneProps) {
  const close = () => goTo(summary.id);
  const pane = useRef<HTMLElement>(null);
  // The keyboard goes into the thread, and back to where it came from.
  useEffect(() => {
    const before = document.activeElement;
    if (!pane.current?.contains(before)) pane.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const missing = root.replyCount - root.replies.length;
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
        <h2>Thread</h2>
        <span className="pane-note">
          {summary.kind === 'channel' ? '# ' : ''}
          {summary.name}
        </span>
        <button type="button" className="close" onClick={close} aria-label="Close the thread">
          ×
        </button>
      </header>
      <div className="messages" role="log" aria-label="Thread's messages">
        <MessageRow message={root} channel={summary.id} grouped={false} inThread target={root.ts === target} />
        <div className="thread-count">
          <span>{repliesLabel(root.replyCount)}</span>
        </div>
        {missing > 0 && <p className="older">{missing.toLocaleString('en-US')} older replies are not shown</p>}
        {root.replies.map((reply) => (
          <MessageRow
            key={reply.ts}
            message={reply}
            channel={summary.id}
            grouped={false}
            inThread
            target={reply.ts === target}
          />
        ))}
      </div>
    </aside>
  );
}
