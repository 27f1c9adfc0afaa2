import { useState } from 'react';
import type { SampleEventsView } from '../sandbox/panel/sample-events.ts';
import { useSending } from './use-panel.ts';

interface EmptyProps {
  /** The command to try from a terminal. */
  readonly hint: string | null;
  readonly samples: SampleEventsView | null;
  /** There are conversations to choose from. */
  readonly some: boolean;
  readonly onSent: () => void;
}

/** What to do while there is nothing to see. */
export function Empty({ hint, samples, some, onSent }: EmptyProps) {
  if (some) return <p className="empty">Choose a channel to see its messages.</p>;
  return (
    <div className="empty">
      <div className="empty-mark" aria-hidden="true">
        #
      </div>
      <h1>Nothing has arrived yet</h1>
      <p>This is a Slack workspace for trying things out. What the relay sends appears here at once.</p>
      {samples !== null && <FirstEvent samples={samples} onSent={onSent} />}
      {hint !== null && (
        <div className="empty-other">
          <p>{samples === null ? 'Send a first event from another terminal:' : 'Or from another terminal:'}</p>
          <Command text={hint} />
        </div>
      )}
      {hint === null && samples === null && <p>Send the relay a webhook to see its first message.</p>}
    </div>
  );
}

function FirstEvent({ samples, onSent }: { readonly samples: SampleEventsView; readonly onSent: () => void }) {
  const { busy, said, order } = useSending();
  const [source] = samples.sources;
  const topic = source?.topics[0];
  if (source === undefined || topic === undefined) return null;
  const send = () => {
    onSent();
    void order({ kind: 'one', source: source.name, topic, story: 0 });
  };
  return (
    <>
      <button
        type="button"
        className="button button-primary button-large"
        aria-disabled={busy.length > 0}
        onClick={() => busy.length > 0 || send()}
      >
        {busy.length > 0 ? 'Sending…' : 'Send your first event'}
      </button>
      <p className={said?.ok === false ? 'said said-trouble' : 'said'} role="status">
        {said?.text ?? `${topic}, signed as ${source.name} would`}
      </p>
    </>
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
      <button type="button" className="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
