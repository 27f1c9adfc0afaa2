import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { EventPage } from '../../history/views.ts';
import { EventList } from './event-list.tsx';
import { addressOf, type Filter, filterOf, isFiltered, queryOf } from './filter.ts';
import { Filters } from './filters.tsx';
import { useLive } from './live.tsx';
import { Command, Fault, Loading, Nothing } from './parts.tsx';
import { replaceBy } from './place.ts';
import { useLoaded } from './use-loaded.ts';
import { Instant } from './when.tsx';
import { many } from './words.ts';

const PAGE = 50;
/** So often a search goes on by itself. */
const STEPS = 30;

export function Events({ query }: { readonly query: URLSearchParams }): ReactNode {
  const filter = filterOf(query);
  const before = query.get('before');
  const { data, error, busy, again } = useLoaded<EventPage>(`api/events?${queryOf(filter, before, PAGE)}`);
  const searching = useGoingOn(filter, busy ? null : data);
  const [fresh, forget] = useFresh(before === null);
  const showFresh = () => {
    forget();
    again();
  };
  return (
    <div className="view">
      <div className="view-head">
        <h1>Events</h1>
        <span className="soft" role="status">
          {fresh > 0 && !isFiltered(filter) && (
            <button type="button" className="button button-small" onClick={showFresh}>
              Show {many(fresh, 'new event')}
            </button>
          )}
        </span>
      </div>
      <Filters filter={filter} />
      {error !== null && <Fault message={error} again={again} />}
      {data === null && error === null && <Loading rows={12} />}
      {data !== null && (
        <div className={busy ? 'is-busy' : ''} aria-busy={busy}>
          {data.events.length > 0 && <EventList events={data.events} />}
          {data.events.length === 0 && <None filter={filter} page={data} searching={searching} />}
          <Paging filter={filter} before={before} page={data} />
        </div>
      )}
    </div>
  );
}

interface PagingProps {
  readonly filter: Filter;
  readonly before: string | null;
  readonly page: EventPage;
}

function Paging({ filter, before, page }: PagingProps) {
  const { events, next, searched_until: until } = page;
  // With fewer than a page and more to come, the search has stopped on its way.
  const stopped = next !== null && events.length < PAGE;
  return (
    <nav className="paging" aria-label="Pages">
      {before !== null && <a href={addressOf(filter)}>← Newest</a>}
      <span className="soft">
        {stopped && until !== null && (
          <>
            Searched back to <Instant at={until} />
          </>
        )}
        {next === null && events.length > 0 && 'That is all.'}
      </span>
      {next !== null && (
        <a className="button" href={addressOf(filter, next)} rel="next">
          {stopped ? 'Search further back' : 'Older'} →
        </a>
      )}
    </nav>
  );
}

interface NoneProps {
  readonly filter: Filter;
  readonly page: EventPage;
  readonly searching: boolean;
}

function None({ filter, page, searching }: NoneProps) {
  if (page.next !== null) return <Nothing title={searching ? 'Searching further back…' : 'Nothing found yet'} />;
  if (!isFiltered(filter)) {
    return (
      <Nothing title="No event has come in yet">
        <p>Send a first one from a terminal, signed as ALO would:</p>
        <Command text="npx alo-relay send action_created" />
      </Nothing>
    );
  }
  return (
    <Nothing title="No event is like that">
      <p>
        Take a filter away, or <a href={addressOf({})}>see all events</a>. Events are kept as long as{' '}
        <code>retention</code> says.
      </p>
    </Nothing>
  );
}

/** A search that came back with nothing goes on by itself, for a while; then the reader decides. */
function useGoingOn(filter: Filter, page: EventPage | null): boolean {
  const key = JSON.stringify(filter);
  const steps = useRef({ key, taken: 0 });
  if (steps.current.key !== key) steps.current = { key, taken: 0 };
  const next = page !== null && page.events.length === 0 ? page.next : null;
  const goesOn = next !== null && steps.current.taken < STEPS;
  useEffect(() => {
    if (!goesOn) return;
    steps.current.taken += 1;
    replaceBy(addressOf(filterOf(new URLSearchParams(JSON.parse(key))), next));
  }, [goesOn, next, key]);
  return goesOn;
}

/** How many events came since the newest page was asked for. */
function useFresh(newest: boolean): readonly [number, () => void] {
  const { watch } = useLive();
  const [fresh, setFresh] = useState(0);
  useEffect(() => {
    if (!newest) return;
    setFresh(0);
    return watch(({ items }) => {
      const accepted = items.filter(({ kind }) => kind === 'accepted').length;
      if (accepted > 0) setFresh((before) => before + accepted);
    });
  }, [watch, newest]);
  return [fresh, () => setFresh(0)];
}
