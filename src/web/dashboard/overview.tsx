import type { ReactNode } from 'react';
import type { DeliveryState } from '../../core/delivery.ts';
import type { OverviewView, StatusView } from '../../history/views.ts';
import { Activity } from './activity.tsx';
import { Charts } from './charts.tsx';
import { Mark } from './chips.tsx';
import { ConfigState } from './config-state.tsx';
import { Health } from './health.tsx';
import { Command, Fault, Loading } from './parts.tsx';
import { linkTo } from './place.ts';
import type { Loaded } from './use-loaded.ts';
import { verdictOn } from './verdict.ts';
import { useNow, When } from './when.tsx';
import { count, STATES } from './words.ts';

interface OverviewProps {
  readonly overview: Loaded<OverviewView>;
  readonly status: StatusView | null;
}

export function Overview({ overview: { data, error, again }, status }: OverviewProps): ReactNode {
  return (
    <div className="view">
      <h1 className="only-read">Overview</h1>
      {error !== null && <Fault message={error} again={again} />}
      <div className="now">{data === null ? error === null && <Loading rows={2} /> : <Now overview={data} />}</div>
      <div className="overview-columns">
        <div className="column">
          <Charts />
          {data !== null && <ConfigState config={data.config} />}
        </div>
        <div className="column">
          <Activity instance={status?.instance ?? null} />
          {data !== null && <Health overview={data} />}
          {status !== null && <Process status={status} />}
        </div>
      </div>
    </div>
  );
}

function Now({ overview }: { readonly overview: OverviewView }) {
  const { tone, title, detail, meanwhile, since, link } = verdictOn(overview, useNow());
  return (
    <>
      <section className={`verdict tone-${tone}`} aria-label="At a glance">
        <span className="verdict-mark">
          <Mark tone={tone} />
        </span>
        <div>
          <p className="verdict-title">{title}</p>
          <p className="verdict-detail">
            {since !== null && (
              <>
                Began <When at={since} />.{' '}
              </>
            )}
            {detail} {link !== null && <a href={link.to}>{link.text}</a>}
          </p>
          {meanwhile !== undefined && <p>{meanwhile}</p>}
        </div>
      </section>
      {tone === 'quiet' && <Command text="npx alo-relay send action_created" />}
      <Tally overview={overview} />
    </>
  );
}

const TILES: readonly { readonly name: string; readonly states: readonly DeliveryState[]; readonly to: string }[] = [
  { name: 'Sent', states: ['sent'], to: linkTo('events', { state: 'sent' }) },
  { name: 'Merged', states: ['merged'], to: linkTo('events', { state: 'merged' }) },
  { name: 'Superseded', states: ['superseded'], to: linkTo('events', { state: 'superseded' }) },
  { name: 'Unfinished', states: ['pending', 'sending', 'held'], to: linkTo('lanes') },
  { name: 'Parked', states: ['parked'], to: linkTo('problems', { state: 'parked' }) },
  { name: 'Dead', states: ['dead'], to: linkTo('problems', { state: 'dead' }) },
];

function Tally({ overview: { tally, lanes } }: { readonly overview: OverviewView }) {
  return (
    <ul className="tiles" aria-label="Deliveries by state">
      {TILES.map(({ name, states, to }) => {
        const number = states.reduce((sum, state) => sum + tally[state], 0);
        const [state = 'sent'] = states;
        return (
          <li key={name}>
            <a className={number > 0 ? `tile tone-${STATES[state].tone}` : 'tile'} href={to}>
              <span className="tile-name">
                <Mark tone={STATES[state].tone} />
                {name}
              </span>
              <span className="tile-number">{count(number)}</span>
              <span className="tile-note">
                {name === 'Unfinished' && lanes.oldest_at !== null ? (
                  <>
                    oldest <When at={lanes.oldest_at} />
                  </>
                ) : (
                  NOTES[name]
                )}
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

const NOTES: Readonly<Record<string, string>> = {
  Sent: 'in Slack',
  Merged: 'in a digest',
  Superseded: 'newer was shown',
  Unfinished: 'nothing waits',
  Parked: 'to be decided',
  Dead: 'did not arrive',
};

function Process({ status }: { readonly status: StatusView }) {
  return (
    <p className="process soft">
      alo-relay {status.version}
      {status.instance !== null && ` · instance ${status.instance}`} · started <When at={status.started_at} /> ·{' '}
      <span className="path">{status.journal}</span>
    </p>
  );
}
