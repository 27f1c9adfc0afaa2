import type { ReactNode } from 'react';
import type { OverviewView } from '../../history/views.ts';
import { ask } from './api.ts';
import { Chip } from './chips.tsx';
import { linkTo } from './place.ts';
import { requireSignIn } from './session.ts';
import { troublesOf } from './troubles.ts';
import type { Loaded } from './use-loaded.ts';
import { useNow } from './when.tsx';
import { count, duration } from './words.ts';

interface TopBarProps {
  /** The first part of the place. */
  readonly view: string;
  readonly overview: Loaded<OverviewView>;
  readonly connected: boolean;
  readonly tokenRequired: boolean;
  readonly readOnly: boolean;
}

export function TopBar({ view, overview, connected, tokenRequired, readOnly }: TopBarProps): ReactNode {
  const { data } = overview;
  const undelivered = data === null ? 0 : data.tally.dead + data.tally.parked;
  const signOut = () => {
    ask('api/session', { method: 'DELETE' }).then(requireSignIn, requireSignIn);
  };
  return (
    <header className="top-bar">
      <a className="brand" href="#/">
        <RelayMark />
        alo-relay
      </a>
      <nav className="views" aria-label="Views">
        <Tab to="" view={view} name="Overview" />
        <Tab to="events" view={view} name="Events" />
        <Tab to="problems" view={view} name="Not delivered" badge={undelivered} />
        <Tab to="lanes" view={view} name="Lanes" />
        <Tab to="audit" view={view} name="Audit" />
        <a className="tab" href="playground">
          Playground
        </a>
      </nav>
      <div className="top-end">
        <Health overview={overview} connected={connected} />
        {readOnly && <Chip tone="quiet">read-only</Chip>}
        {tokenRequired && (
          <button type="button" className="button button-small" onClick={signOut}>
            Sign out
          </button>
        )}
      </div>
    </header>
  );
}

interface TabProps {
  readonly to: string;
  readonly view: string;
  readonly name: string;
  readonly badge?: number;
}

function Tab({ to, view, name, badge = 0 }: TabProps) {
  return (
    <a className="tab" href={linkTo(to)} aria-current={view === to ? 'page' : undefined}>
      {name}
      {badge > 0 && <span className="tab-badge">{badge > 999 ? '999+' : count(badge)}</span>}
    </a>
  );
}

function Health({ overview: { data, error }, connected }: Pick<TopBarProps, 'overview' | 'connected'>) {
  return (
    <span className="health" role="status">
      {error !== null && <Chip tone="bad">no answer</Chip>}
      {error === null && !connected && <Chip tone="waiting">not live</Chip>}
      {error === null && data !== null && <Ready overview={data} />}
    </span>
  );
}

/** What is wrong, for how long, and on any page the way to what to do. */
function Ready({ overview }: { readonly overview: OverviewView }) {
  const now = useNow();
  const [trouble, ...more] = troublesOf(overview);
  if (trouble === undefined) return <Chip tone="good">ready</Chip>;
  const { tone, short, since } = trouble;
  return (
    <a className="health-link" href={linkTo('')}>
      <Chip tone={tone}>
        {short}
        {more.length > 0 && ` +${more.length}`}
        {since !== null && <span className="health-for">{duration(Math.max(1_000, now - Date.parse(since)))}</span>}
      </Chip>
    </a>
  );
}

/** One line in, two lines out. */
function RelayMark() {
  return (
    <svg className="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M3 12h6M14 10.5 20 6M14 13.5 20 18" />
      <circle cx="11.5" cy="12" r="2.5" />
    </svg>
  );
}
