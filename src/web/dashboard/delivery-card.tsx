import type { ReactNode } from 'react';
import type { DeliveryView } from '../../history/views.ts';
import { Chip, StateChip } from './chips.tsx';
import { Dismiss } from './dismiss.tsx';
import { Rendered } from './rendered.tsx';
import { Replay } from './replay.tsx';
import { Tries } from './tries.tsx';
import { When } from './when.tsx';
import { STATES, seen } from './words.ts';

interface CardProps {
  readonly delivery: DeliveryView;
  readonly again: () => void;
}

export function DeliveryCard({ delivery: it, again }: CardProps): ReactNode {
  const { delivery, state, route, target, destination, reason, permalink, replayed_as: replayedAs } = it;
  return (
    <li className="delivery">
      <header className="delivery-head">
        <StateChip state={state} />
        <h3>
          {destination !== null ? (
            <>
              {target.verb} <span className="soft">→</span> {seen(destination)}
            </>
          ) : (
            'Not made'
          )}
        </h3>
        <span className="delivery-links">
          {permalink !== null && (
            <a href={permalink} target="_blank" rel="noopener noreferrer">
              Open in Slack<span className="only-read"> (new tab)</span>
            </a>
          )}
          {replayedAs === null && (state === 'dead' || state === 'parked') && (
            <Dismiss
              label="Dismiss"
              title={`Dismiss delivery ${delivery}`}
              request={{ ids: [String(delivery)] }}
              done={again}
            />
          )}
          {replayedAs === null && (
            <Replay
              label="Replay"
              title={`Replay delivery ${delivery}`}
              request={{ ids: [String(delivery)] }}
              done={again}
            />
          )}
        </span>
      </header>
      <p className="soft delivery-facts">
        #{delivery} by route “{seen(route)}” · {STATES[state].meaning}
        {it.replay && ' · a replay'}
        {replayedAs !== null && ` · replayed as #${replayedAs}`}
      </p>
      {reason !== null && (
        <p className={`reason tone-${STATES[state].tone}`}>
          <code>{reason.code}</code> {seen(reason.detail)}
        </p>
      )}
      {it.dismissal !== null && (
        <p className="reason tone-quiet">
          Dismissed{it.dismissal.by !== null && ` by ${seen(it.dismissal.by)}`} <When at={it.dismissal.at} />:{' '}
          {seen(it.dismissal.reason)}
        </p>
      )}
      {it.in_doubt && (
        <p className="reason tone-warning">
          <Chip tone="warning">in doubt</Chip> It may be in Slack without our knowing; it is looked for before it is
          sent again.
        </p>
      )}
      <Tries delivery={it} />
      {it.due_at !== null && Date.parse(it.due_at) > Date.parse(it.updated_at) && (
        <p className="soft due">
          Next try <When at={it.due_at} />
        </p>
      )}
      <Rendered message={it.message} fault={it.fault} target={target} words={it.words} />
    </li>
  );
}
