/** What the relay is doing, as it does it; it can be held still to read it. */
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { ActivityBatch, ActivityItem } from '../../history/live-view.ts';
import { Chip } from './chips.tsx';
import { titleText } from './event-title.tsx';
import { useLive } from './live.tsx';
import { Nothing, Panel, REACHABLE } from './parts.tsx';
import { linkTo } from './place.ts';
import { clock } from './when.tsx';
import { count, many, STATES, seen, type Tone } from './words.ts';

const SHOWN = 40;

interface Shown {
  readonly items: readonly (ActivityItem & { readonly key: number })[];
  /** Since the last clearing, that were not told one by one. */
  readonly leftOut: number;
}

/** `instance`: ours among those that share the journal; the others' activity is not here. */
export function Activity({ instance }: { readonly instance: string | null }): ReactNode {
  const { shown, held, paused, setPaused } = useActivity();
  return (
    <Panel
      title="Live activity"
      className="activity"
      aside={
        <button type="button" className="button button-small" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? (held > 0 ? `Show ${count(held)} more` : 'Go on') : 'Pause'}
        </button>
      }
    >
      {shown.items.length === 0 ? (
        <Nothing title={paused ? 'Paused' : 'Waiting for the next webhook'}>
          <p>Whatever comes in, and what becomes of it, shows here at once.</p>
        </Nothing>
      ) : (
        <ol className="feed" aria-label="Newest first" {...REACHABLE}>
          {shown.items.map((item) => (
            <Entry key={item.key} item={item} />
          ))}
        </ol>
      )}
      {instance !== null && <p className="feed-note soft">What instance {instance} does; others show theirs.</p>}
      {shown.leftOut > 0 && (
        <p className="feed-note soft">{many(shown.leftOut, 'more was', 'more were')} too quick to show.</p>
      )}
    </Panel>
  );
}

function Entry({ item }: { readonly item: ActivityItem }) {
  const { word, tone } = wordsFor(item);
  const about = item.topic === null ? item.source : titleText({ title: item.title, topic: item.topic });
  const text = item.kind === 'delivery' ? `${about} ${whereTo(item)}` : about;
  return (
    <li className="feed-entry">
      <time dateTime={item.at} className="soft">
        {clock(Date.parse(item.at))}
      </time>
      <Chip tone={tone}>{word}</Chip>
      <span className="feed-what">
        {item.number === null ? text : <a href={linkTo(`events/${item.number}`)}>{text}</a>}
        {item.subject !== null && <bdi className="row-id">{seen(item.subject)}</bdi>}
        {item.code !== null && (
          <span className="soft"> {item.code === 'other-body' ? 'with another body' : item.code}</span>
        )}
      </span>
    </li>
  );
}

function whereTo({ lane, destination }: Extract<ActivityItem, { kind: 'delivery' }>): string {
  return destination === null ? `not made by route “${seen(lane.replace(/^\w+:/, ''))}”` : `→ ${seen(destination)}`;
}

function wordsFor(item: ActivityItem): { readonly word: string; readonly tone: Tone } {
  if (item.kind !== 'delivery') return { word: item.kind, tone: item.code === null ? 'quiet' : 'bad' };
  return item.state === null ? { word: 'put off', tone: 'waiting' } : STATES[item.state];
}

function useActivity() {
  const { watch, recent } = useLive();
  const [shown, setShown] = useState<Shown>({ items: [], leftOut: 0 });
  const [paused, setPausedState] = useState(false);
  const [held, setHeld] = useState(0);
  const waiting = useRef<ActivityBatch[]>([]);
  const nextKey = useRef(0);

  const keyed = useCallback(
    (items: readonly ActivityItem[]) =>
      items
        .slice(-SHOWN)
        .map((item) => ({ ...item, key: nextKey.current++ }))
        .toReversed(),
    [],
  );

  // In place of what is shown or held back: a connection that was taken up again may have missed some.
  useEffect(() => {
    if (recent === null) return;
    waiting.current = [];
    setHeld(0);
    setShown({ items: keyed(recent.items), leftOut: 0 });
  }, [recent, keyed]);

  useEffect(() => {
    const show = (batches: readonly ActivityBatch[]) => {
      const fresh = keyed(batches.flatMap(({ items }) => items));
      const leftOut = batches.reduce((sum, batch) => sum + batch.left_out, 0);
      setShown((before) => ({ items: [...fresh, ...before.items].slice(0, SHOWN), leftOut: before.leftOut + leftOut }));
    };
    if (!paused) show(waiting.current.splice(0));
    return watch((batch) => {
      if (!paused) return show([batch]);
      waiting.current = [...waiting.current, batch].slice(-SHOWN);
      setHeld((before) => before + batch.items.length + batch.left_out);
    });
  }, [watch, paused, keyed]);

  const setPaused = (to: boolean) => {
    setHeld(0);
    setPausedState(to);
  };
  return { shown, held, paused, setPaused };
}
