import { useState } from 'react';

/** What to do while there is nothing to see. */
export function Empty({ hint, some }: { readonly hint: string | null; readonly some: boolean }) {
  if (some) return <p className="empty">Choose a channel to see its messages.</p>;
  return (
    <div className="empty">
      <div className="empty-mark" aria-hidden="true">
        #
      </div>
      <h1>No messages yet</h1>
      <p>This is a Slack workspace for trying things out. What the relay sends appears here at once.</p>
      {hint === null ? (
        <p>Send the relay a webhook to see its first message.</p>
      ) : (
        <>
          <p>Send a first event from another terminal:</p>
          <Command text={hint} />
        </>
      )}
    </div>
  );
}

function Command({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <div className="command">
      <code>{text}</code>
      <button type="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
