import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import type { LanePage, LaneView } from '../../history/lane-view.ts';
import { Chip } from './chips.tsx';
import { useLive } from './live.tsx';
import { Fault, Loading, Nothing } from './parts.tsx';
import { useLoaded } from './use-loaded.ts';
import { momentOf, useNow, When } from './when.tsx';
import { count, many, seen, type Tone } from './words.ts';

const EVERY_MS = 5_000;
/** After something happened, so that a flood costs a request a second. */
const SOON_MS = 1_000;
const LIMIT = 200;

export function Lanes(): ReactNode {
  const { data, error, again } = useLoaded<LanePage>(`api/lanes?limit=${LIMIT}`, EVERY_MS);
  useNews(again);
  return (
    <div className="view">
      <div className="view-head">
        <h1>Lanes</h1>
        {data !== null && data.total > 0 && (
          <span className="soft">{many(data.total, 'conversation')} with something unfinished</span>
        )}
      </div>
      <p className="lead soft">A lane is one Slack conversation: its messages go out one by one, in their order.</p>
      {error !== null && <Fault message={error} again={again} />}
      {data === null && error === null && <Loading rows={8} />}
      {data !== null && data.lanes.length === 0 && (
        <Nothing title="Nothing waits">
          <p>
            All that came in has been dealt with. See <a href="#/events">what came in</a> or{' '}
            <a href="#/problems">what did not arrive</a>.
          </p>
        </Nothing>
      )}
      {data !== null && data.lanes.length > 0 && <LaneTable lanes={data.lanes} />}
      {data !== null && data.total > data.lanes.length && (
        <p className="soft">The {count(data.lanes.length)} that have waited longest are shown.</p>
      )}
    </div>
  );
}

/** Calls back soon after a delivery was tried, or the service's health changed. */
function useNews(again: () => void): void {
  const { watch, overview } = useLive();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const soon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      again();
    }, SOON_MS);
  }, [again]);
  useEffect(() => watch(soon), [watch, soon]);
  useEffect(() => {
    if (overview !== null) soon();
  }, [overview, soon]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

function LaneTable({ lanes }: { readonly lanes: readonly LaneView[] }) {
  return (
    <table className="rows lanes">
      <caption className="only-read">Lanes, longest waiting first</caption>
      <thead>
        <tr>
          <th scope="col">Conversation</th>
          <th scope="col">State</th>
          <th scope="col" className="number">
            Unfinished
          </th>
          <th scope="col">Oldest</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {lanes.map((lane) => (
          <Lane key={lane.lane} lane={lane} />
        ))}
      </tbody>
    </table>
  );
}

function Lane({ lane: it }: { readonly lane: LaneView }) {
  const { word, tone, why } = LANE_STATES[it.state];
  const now = useNow();
  return (
    <tr className="row">
      <th scope="row" className="lane-name">
        {laneName(it)}
      </th>
      <td className="lane-state">
        <Chip tone={tone}>{word}</Chip>
        {it.until !== null && (
          <span className="soft">
            {' '}
            {it.state === 'retrying' ? 'next attempt at' : 'until'} {momentOf(it.until, now)} (<When at={it.until} />)
          </span>
        )}
      </td>
      <td className="number">
        {count(it.waiting)}
        <span className="only-narrow"> unfinished</span>
        {it.held > 0 && <span className="soft"> ({count(it.held)} held)</span>}
      </td>
      <td>
        <span className="only-narrow soft">oldest </span>
        <When at={it.oldest_at} />
      </td>
      <td className="lane-why">
        {why} {it.held > 0 && heldBy(it)}
        {it.reason !== null && (
          <>
            {' '}
            <code>{seen(it.reason.code)}</code> {seen(it.reason.detail)}
          </>
        )}
        {it.elsewhere && <span className="soft"> Another instance runs it.</span>}
        {it.in_doubt > 0 && <span className="soft"> {many(it.in_doubt, 'is', 'are')} in doubt.</span>}
        {it.attempts > 0 && <span className="soft"> Tried {many(it.attempts, 'time')}.</span>}
      </td>
    </tr>
  );
}

/** A person's id beside the name: two may have the same. */
function laneName({ lane, name }: LaneView): ReactNode {
  const id = lane.replace(/^\w+:/, '');
  const shown = name ?? id;
  return (
    <>
      {lane.startsWith('dm:') && 'DM '}
      {seen(shown)} {shown !== id && <span className="row-id">{seen(id)}</span>}
    </>
  );
}

function heldBy({ held, quiet_hours: names }: LaneView): string {
  const by =
    names.length === 0 ? 'Quiet hours hold' : `Quiet hours ${names.map((name) => `“${seen(name)}”`).join(', ')} hold`;
  return `${by} ${count(held)}.`;
}

interface LaneWords {
  readonly word: string;
  readonly tone: Tone;
  readonly why: string;
}

const LANE_STATES: Readonly<Record<LaneView['state'], LaneWords>> = {
  sending: { word: 'sending', tone: 'waiting', why: 'Slack is being asked.' },
  waiting: {
    word: 'waiting',
    tone: 'waiting',
    why: 'Its turn comes soon: one conversation takes about one message a second.',
  },
  retrying: { word: 'retrying', tone: 'warning', why: 'The first delivery is tried again.' },
  limited: { word: 'rate limited', tone: 'warning', why: 'Slack set the time at which it continues.' },
  held: { word: 'held', tone: 'waiting', why: '' },
  paused: { word: 'paused', tone: 'bad', why: 'It resumes when Slack accepts the token again.' },
};
