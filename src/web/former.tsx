/** What a message was before it was edited: a mark beside it, and the versions below it when the mark is pressed. */
import { useEffect, useState } from 'react';
import type { FormerView, ShownMessage } from '../sandbox/views.ts';
import { Body } from './message-body.tsx';
import { fetchFormer } from './sandbox.ts';
import { Time } from './time.tsx';

interface EditedMarkProps {
  readonly message: ShownMessage;
  readonly open: boolean;
  readonly onToggle: () => void;
}

export function EditedMark({ message: { edited, formerCount }, open, onToggle }: EditedMarkProps) {
  if (edited === null) return null;
  if (formerCount === 0) return <span className="edited">(edited)</span>;
  return (
    <button type="button" className="edited" aria-expanded={open} title="What it was before" onClick={onToggle}>
      (edited)
    </button>
  );
}

/** One version at a time, the newest first. */
export function FormerVersions({ channel, message }: { readonly channel: string; readonly message: ShownMessage }) {
  const [former, setFormer] = useState<readonly FormerView[]>([]);
  const [back, setBack] = useState(1);
  const { ts } = message;
  useEffect(() => {
    let current = true;
    fetchFormer(channel, ts).then(
      (found) => current && setFormer(found),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [channel, ts]);
  const version = former.at(-back);
  if (version === undefined) return null;
  const step = (label: string, to: number) => (
    <button
      type="button"
      aria-disabled={former.at(-to) === undefined || to === 0}
      onClick={() => to >= 1 && to <= former.length && setBack(to)}
    >
      {label}
    </button>
  );
  return (
    <section className="former" aria-label="What it was before">
      <p className="former-when" role="status">
        {`Before: version ${former.length - back + 1} of ${former.length + 1}, from `}
        <Time ts={version.ts} seconds />
      </p>
      <Body message={version} />
      {former.length > 1 && (
        <div className="former-steps">
          {step('Earlier', back + 1)}
          {step('Later', back - 1)}
        </div>
      )}
    </section>
  );
}
