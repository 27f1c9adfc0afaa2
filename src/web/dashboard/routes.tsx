import { type ReactNode, useState } from 'react';
import { writeJson } from '../../core/json.ts';
import type { DecisionView, PlannedView, RouteView } from '../../routing/route-view.ts';
import { Chip } from './chips.tsx';
import { Panel } from './parts.tsx';
import { Instant } from './when.tsx';
import { many, seen } from './words.ts';

/** Each route in its order: whether it takes the event by today's rules, and what decided. */
export function Routes({ routes }: { readonly routes: readonly RouteView[] }): ReactNode {
  const taken = routes.filter((route) => route.taken).length;
  const [all, setAll] = useState(routes.length <= 12);
  const shown = all ? routes : routes.filter((route) => route.taken);
  return (
    <Panel
      title="Routes"
      aside={
        <span className="soft">
          {taken} of {many(routes.length, 'route')}, by today’s rules
        </span>
      }
    >
      <ol className="routes">
        {shown.map((route) => (
          <Route key={route.name} route={route} />
        ))}
      </ol>
      {!all && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show the {routes.length - taken} that do not take it, and why
        </button>
      )}
    </Panel>
  );
}

function Route({
  route: { name, taken, detail, decided, quiet_until: quiet, urgent, passes_quiet_hours: passes, deliveries, notes },
}: {
  readonly route: RouteView;
}) {
  return (
    <li className={taken ? 'route route-taken' : 'route'}>
      <p className="route-head">
        <Chip tone={taken ? 'good' : 'quiet'}>{taken ? 'takes it' : 'does not'}</Chip>
        <strong>{seen(name)}</strong>
      </p>
      {detail !== '' && <p className="route-detail">{seen(detail)}</p>}
      {decided !== null && <Decided decision={decided} />}
      {quiet !== null && (
        <p className="route-detail">
          Quiet hours until <Instant at={quiet} />
          {passes && '. It is urgent, so it passes through them.'}
        </p>
      )}
      {urgent !== null && <Decided decision={urgent} />}
      {deliveries.map((planned, index) => (
        <Planned key={`${index} ${planned.verb}`} planned={planned} />
      ))}
      {notes.map((note) => (
        <p key={note} className="reason tone-warning">
          {seen(note)}
        </p>
      ))}
    </li>
  );
}

function Decided({ decision: { part, looked_at: fields } }: { readonly decision: DecisionView }) {
  return (
    <div className="decided">
      <code>{seen(part)}</code>
      {fields.length > 0 && (
        <dl>
          {fields.map(({ field, value, missing }) => (
            <div key={field}>
              <dt>
                <code>{seen(field)}</code>
              </dt>
              <dd>{missing === null ? <code>{short(value)}</code> : <span className="soft">{seen(missing)}</span>}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function Planned({ planned }: { readonly planned: PlannedView }) {
  const { verb, channel, slack_user: user, template, fault, remarks, at_least: atLeast } = planned;
  return (
    <div className="planned">
      <p>
        {verb} <span className="soft">→</span> {seen(channel ?? user ?? 'whom Slack is asked for')}
        {template !== undefined && <span className="soft"> · template “{seen(template)}”</span>}
        {atLeast !== null && <span className="soft"> · only when {atLeast.count} come in time</span>}
      </p>
      {fault !== null && <p className="reason tone-bad">{seen(fault)}</p>}
      {remarks.map((remark) => (
        <p key={remark} className="soft">
          {seen(remark)}
        </p>
      ))}
    </div>
  );
}

const SHORT = 200;

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : writeJson(value);
  return seen(text.length > SHORT ? `${text.slice(0, SHORT)}…` : text);
}
