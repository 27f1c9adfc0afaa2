/** The message as Slack shows it, by today's template. */
import { lazy, type ReactNode, Suspense } from 'react';
import type { NoTarget, Target } from '../../core/delivery.ts';
import type { MessageView } from '../../routing/route-view.ts';
import { Loading } from './parts.tsx';
import { seen } from './words.ts';

/** Block Kit and emoji names are the largest part of the page, and needed on this view alone. */
const SlackMessage = lazy(async () => ({ default: (await import('./slack-message.tsx')).SlackMessage }));

interface RenderedProps {
  readonly message: MessageView | null;
  readonly fault: string | null;
  readonly target: Target | NoTarget;
  readonly words: string;
}

export function Rendered({ message, fault, target, words }: RenderedProps): ReactNode {
  if (target.verb === 'none') return null;
  if (target.template === undefined) return <p className="soft">{seen(words)}</p>;
  if (message === null) return fault === null ? null : <p className="reason tone-bad">{seen(fault)}</p>;
  return (
    <details className="rendered" open>
      <summary>
        Message <span className="soft">by today’s template “{seen(target.template)}”</span>
      </summary>
      {fault !== null && <p className="reason tone-warning">{seen(fault)}</p>}
      <Suspense fallback={<Loading rows={3} />}>
        <SlackMessage message={message} />
      </Suspense>
      <p className="rendered-foot">
        <a href={message.builder_url} target="_blank" rel="noopener noreferrer">
          Open in Block Kit Builder<span className="only-read"> (new tab)</span>
        </a>
      </p>
    </details>
  );
}
