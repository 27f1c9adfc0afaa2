import type { ReactNode } from 'react';
import type { RouteView } from '../../routing/route-view.ts';
import { seen } from '../dashboard/words.ts';

/** Every route in its order: taken or not, and why. */
export function Verdicts({ routes }: { readonly routes: readonly RouteView[] }): ReactNode {
  const taken = routes.filter((route) => route.taken).length;
  return (
    <>
      <h3>
        {taken} of {routes.length} {routes.length === 1 ? 'route takes it' : 'routes take it'}
      </h3>
      <ol className="play-routes">
        {routes.map((route, index) => (
          // Names may come twice, as a warning says.
          <li key={`${index} ${route.name}`} className={route.taken ? 'play-taken' : 'play-untaken'}>
            <Verdict route={route} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Verdict({ route }: { readonly route: RouteView }) {
  const { name, taken, why, detail, notes } = route;
  const mark = taken ? '✓' : why === 'condition' || why === 'undecided' ? '✗' : '–';
  return (
    <>
      <span className="play-mark" aria-hidden="true">
        {mark}
      </span>
      <span>
        <b>{seen(name)}</b>
        <span className="only-read">{taken ? ' takes it' : ' does not take it'}</span>
        {detail !== '' && <span className="play-soft"> {seen(detail)}</span>}
        {route.passes_quiet_hours && <span className="play-soft"> Urgent, so it passes through its quiet hours.</span>}
        {notes.map((note) => (
          <span key={note} className="play-doubt">
            {' '}
            {seen(note)}
          </span>
        ))}
      </span>
    </>
  );
}
