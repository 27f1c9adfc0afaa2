import { lazy, type ReactNode, Suspense } from 'react';
import type { PlaygroundAnswer } from '../../dry-run/playground/view.ts';
import type { MessageView, PlannedView, RouteView } from '../../routing/route-view.ts';
import { Loading } from '../dashboard/parts.tsx';
import { many, seen } from '../dashboard/words.ts';
import { facts } from './planned.ts';
import type { DryRunState } from './use-dry-run.ts';
import { Verdicts } from './verdicts.tsx';

const SlackMessage = lazy(async () => ({
  default: (await import('../dashboard/slack-message.tsx')).SlackMessage,
}));

interface ResultPanelProps {
  readonly state: DryRunState;
  /** The one that is edited. */
  readonly template: string | null;
}

export function ResultPanel({ state, template }: ResultPanelProps): ReactNode {
  const { good, busy } = state;
  const [run] = good?.runs ?? [];
  return (
    <section className="play-panel play-result" aria-label="Message" aria-busy={busy}>
      <h2>In Slack</h2>
      <State state={state} />
      {run === undefined && state.answer === null && state.trouble === null && <Loading rows={5} />}
      {run !== undefined && (
        <>
          <Messages routes={run.routes} />
          <Alone answer={good} routes={run.routes} template={template} />
          <Verdicts routes={run.routes} />
        </>
      )}
    </section>
  );
}

/** Why what is shown is not what was just typed. */
function State({ state: { answer, good, trouble } }: { readonly state: DryRunState }) {
  const errors = answer?.problems.filter(({ severity }) => severity === 'error') ?? [];
  const stale = answer !== null && answer !== good;
  const handshake = answer?.problems.find(({ code }) => code === 'handshake');
  return (
    <div role="status">
      {trouble !== null && <p className="play-note play-error">{trouble}</p>}
      {stale && errors.length > 0 && (
        <p className="play-note play-error">
          {many(errors.length, 'error')} in what was written:{' '}
          {good === null ? 'there is nothing to show yet.' : 'below is the last message without any.'}
        </p>
      )}
      {handshake !== undefined && <p className="play-note">{handshake.message}</p>}
    </div>
  );
}

function Messages({ routes }: { readonly routes: readonly RouteView[] }) {
  const taken = routes.filter((route) => route.taken);
  const deliveries = taken.flatMap((route) => route.deliveries.map((planned) => ({ route: route.name, planned })));
  if (deliveries.length === 0) {
    const why = taken.length === 0 ? 'No route takes this event.' : 'The routes that take this event send nothing.';
    return <p className="play-nothing">{why}</p>;
  }
  return (
    <ol className="play-messages">
      {deliveries.map(({ route, planned }, index) => (
        // They have no identity but their place: every answer brings all of them anew.
        <li key={`${index} ${route}`}>
          <Delivery route={route} planned={planned} />
        </li>
      ))}
    </ol>
  );
}

function Delivery({ route, planned }: { readonly route: string; readonly planned: PlannedView }) {
  const { message, thread_root: root, fault, remarks } = planned;
  return (
    <>
      <h3>{seen(planned.words)}</h3>
      <p className="play-soft">
        {seen(route)}
        {planned.template !== undefined && (
          <>
            , template <code>{seen(planned.template)}</code>
          </>
        )}
      </p>
      {facts(planned).map((fact) => (
        <p key={fact} className="play-soft">
          {seen(fact)}
        </p>
      ))}
      {fault !== null && <p className="play-note play-error">It would end as dead. {seen(fault)}</p>}
      {remarks.map((remark) => (
        <p key={remark} className="play-note">
          {seen(remark)}
        </p>
      ))}
      {message !== null && <Shown message={message} />}
      {root !== null && (
        <details>
          <summary>Without a card yet, this is posted first</summary>
          <Shown message={root} />
        </details>
      )}
    </>
  );
}

function Shown({ message }: { readonly message: MessageView }) {
  return (
    <Suspense fallback={<Loading rows={3} />}>
      <SlackMessage message={message} />
      <p className="play-soft">Notification: {seen(message.summary)}</p>
    </Suspense>
  );
}

interface AloneProps {
  readonly answer: PlaygroundAnswer | null;
  readonly routes: readonly RouteView[];
  readonly template: string | null;
}

/** The edited template, where no route makes a message of it. */
function Alone({ answer, routes, template }: AloneProps) {
  const preview = answer?.preview ?? null;
  const used = routes.some(({ deliveries }) => deliveries.some((planned) => planned.template === template));
  if (preview === null || template === null || used) return null;
  return (
    <div className="play-alone">
      <h3>Template {template} by itself</h3>
      <p className="play-soft">No route makes a message of this event with it.</p>
      {preview.fault !== null && <p className="play-note play-error">{seen(preview.fault)}</p>}
      {preview.message !== null && <Shown message={preview.message} />}
    </div>
  );
}
