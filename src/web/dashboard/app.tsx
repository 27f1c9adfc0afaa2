import { useEffect } from 'react';
import type { OverviewView, StatusView } from '../../history/views.ts';
import { Audit } from './audit.tsx';
import { EventPage } from './event-page.tsx';
import { Events } from './events.tsx';
import { Lanes } from './lanes.tsx';
import { LiveProvider, useLive } from './live.tsx';
import { Overview } from './overview.tsx';
import { Nothing } from './parts.tsx';
import { type Place, usePlace } from './place.ts';
import { Problems } from './problems.tsx';
import { RoleProvider } from './role.ts';
import { useSignInWanted } from './session.ts';
import { Shortcuts } from './shortcuts.tsx';
import { SignIn } from './sign-in.tsx';
import { TopBar } from './top-bar.tsx';
import { type Loaded, useLoaded } from './use-loaded.ts';

/** While nothing comes by itself. */
const OVERVIEW_EVERY_MS = 10_000;

export function App() {
  const signInWanted = useSignInWanted();
  if (signInWanted) return <SignIn />;
  return (
    <LiveProvider>
      <Dashboard />
    </LiveProvider>
  );
}

function Dashboard() {
  const place = usePlace();
  const live = useLive();
  const told = live.connected ? live.overview : null;
  const asked = useLoaded<OverviewView>('api/overview', told === null ? OVERVIEW_EVERY_MS : null);
  const status = useLoaded<StatusView>('api/status');
  const overview = told === null ? asked : { ...asked, data: told, error: null };
  const role = status.data?.role;
  const title = titleOf(place);
  useEffect(() => {
    document.title = `${title} · alo-relay`;
  }, [title]);
  return (
    <div className="dashboard">
      <button type="button" className="skip" onClick={toContent}>
        Skip to the content
      </button>
      <TopBar
        view={place.path[0] ?? ''}
        overview={overview}
        connected={live.connected}
        tokenRequired={status.data?.token_required ?? false}
        readOnly={role === 'read-only'}
      />
      <RoleProvider value={role ?? 'read-only'}>
        <main id="content" tabIndex={-1}>
          <View place={place} overview={overview} status={status.data} />
        </main>
      </RoleProvider>
      <Shortcuts />
    </div>
  );
}

interface ViewProps {
  readonly place: Place;
  readonly overview: Loaded<OverviewView>;
  readonly status: StatusView | null;
}

function View({ place: { path, query }, overview, status }: ViewProps) {
  const [view, id] = path;
  if (view === undefined) return <Overview overview={overview} status={status} />;
  if (view === 'events') return id === undefined ? <Events query={query} /> : <EventPage key={id} number={id} />;
  if (view === 'problems') return <Problems query={query} tally={overview.data?.tally ?? null} />;
  if (view === 'lanes') return <Lanes />;
  if (view === 'audit') return <Audit query={query} />;
  return (
    <Nothing title="There is no such page">
      <p>
        Go to the <a href="#/">overview</a> or to the <a href="#/events">events</a>.
      </p>
    </Nothing>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  events: 'Events',
  problems: 'Not delivered',
  lanes: 'Lanes',
  audit: 'Audit',
};

function titleOf({ path: [view, id] }: Place): string {
  if (view === 'events' && id !== undefined) return `Event ${id}`;
  return view === undefined ? 'Overview' : (TITLES[view] ?? 'alo-relay');
}

/** No link: the address's `#` is taken by the views. */
function toContent(): void {
  document.getElementById('content')?.focus();
}
