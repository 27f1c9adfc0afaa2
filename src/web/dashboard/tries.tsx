import type { ReactNode } from 'react';
import type { AttemptView, DeliveryView } from '../../history/views.ts';
import { OutcomeChip } from './chips.tsx';
import { clock, exact } from './when.tsx';
import { duration, seen, toneOf } from './words.ts';

/** Every attempt on a line of time: when, after what wait, how long, and what Slack said. */
export function Tries({ delivery }: { readonly delivery: DeliveryView }): ReactNode {
  const tries = allTries(delivery);
  if (tries.length === 0) return <p className="soft no-tries">Not tried yet.</p>;
  return (
    <ol className="tries" aria-label="Attempts">
      {tries.map((attempt, index) => (
        <Try
          key={`${attempt.at} ${attempt.outcome}`}
          attempt={attempt}
          before={tries[index - 1]?.at ?? delivery.accepted_at}
          first={index === 0}
        />
      ))}
    </ol>
  );
}

/** What went out at once is kept with the delivery alone. */
function allTries({ tries, state, updated_at: at, due_at: due, dismissal }: DeliveryView): readonly AttemptView[] {
  // It is said above who dismissed it, and why; what was tried before ended in another state.
  if (dismissal !== null) return tries;
  if (due !== null || tries.at(-1)?.outcome === state) return tries;
  return [...tries, { at, ms: null, outcome: state, code: null, detail: null }];
}

interface TryProps {
  readonly attempt: AttemptView;
  /** When the one before ended, or it was accepted. */
  readonly before: string;
  readonly first: boolean;
}

function Try({ attempt, before, first }: TryProps) {
  const { at, ms, outcome, code, detail } = attempt;
  const ended = Date.parse(at);
  const waited = Math.max(0, ended - (ms ?? 0) - Date.parse(before));
  return (
    <li className={`try tone-${toneOf(outcome)}`}>
      <p className="try-head">
        <time dateTime={at} className="when" data-exact={exact(ended)}>
          {clock(ended)}
        </time>
        <OutcomeChip outcome={outcome} tone={toneOf(outcome)} />
        {code !== null && <code>{seen(code)}</code>}
        <span className="soft">
          {ms !== null && `took ${duration(ms)}, `}
          {duration(waited)} {first ? 'after it was accepted' : 'after the one before'}
        </span>
      </p>
      {detail !== null && <p className="try-detail">{seen(detail)}</p>}
    </li>
  );
}
