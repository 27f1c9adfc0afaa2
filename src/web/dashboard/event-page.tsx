import type { ReactNode } from 'react';
import type { DeliveryState } from '../../core/delivery.ts';
import type { EventView } from '../../history/views.ts';
import { StateChips } from './chips.tsx';
import { DeliveryCard } from './delivery-card.tsx';
import { EventTitle } from './event-title.tsx';
import { Facts } from './facts.tsx';
import { Fault, Loading, Nothing, Panel } from './parts.tsx';
import { Payload } from './payload.tsx';
import { Replay } from './replay.tsx';
import { Routes } from './routes.tsx';
import { useLoaded } from './use-loaded.ts';
import { When } from './when.tsx';
import { many, seen } from './words.ts';

/** What is on its way changes by itself. */
const EVERY_MS = 5_000;
const UNFINISHED: ReadonlySet<DeliveryState> = new Set(['held', 'pending', 'sending']);

function refreshMs({ deliveries }: EventView): number | null {
  return deliveries.some(({ state }) => UNFINISHED.has(state)) ? EVERY_MS : null;
}

export function EventPage({ number }: { readonly number: string }): ReactNode {
  const { data, error, again } = useLoaded<EventView>(`api/events/${encodeURIComponent(number)}/view`, refreshMs);
  return (
    <div className="view">
      <nav aria-label="Back">
        <a className="back-link" href="#/events">
          ← Events
        </a>
      </nav>
      {error !== null && <Fault message={error} again={again} />}
      {data === null && error === null && <Loading rows={8} />}
      {data !== null && <Known view={data} again={again} />}
    </div>
  );
}

function Known({ view, again }: { readonly view: EventView; readonly again: () => void }) {
  const { event, deliveries, routes } = view;
  return (
    <>
      <header className="event-head">
        <div>
          <h1>
            <EventTitle event={event} />
          </h1>
          <p className="soft">
            {event.source} · {event.topic === '' ? '(no topic)' : seen(event.topic)} ·{' '}
            {event.subject === null ? 'no subject' : seen(event.subject)} · received <When at={event.received_at} />
          </p>
          <p className="chips">
            <StateChips states={tallyOf(view)} />
          </p>
        </div>
        {routes !== null && (
          <Replay label="Replay" title={`Replay event ${event.number}`} request={{ ids: idsOf(view) }} done={again} />
        )}
      </header>
      <div className="event-columns">
        <div className="column">
          <Panel
            title="Deliveries"
            aside={<span className="soft">{many(deliveries.length, 'delivery', 'deliveries')}</span>}
          >
            {deliveries.length === 0 && (
              <Nothing title="No route made a delivery of it">
                <p>Below, each route says why. Change the config, then replay the event.</p>
              </Nothing>
            )}
            <ol className="deliveries">
              {deliveries.map((delivery) => (
                <DeliveryCard key={delivery.delivery} delivery={delivery} again={again} />
              ))}
            </ol>
          </Panel>
          {routes !== null && <Routes routes={routes} />}
        </div>
        <div className="column">
          <Facts view={view} />
          <Payload view={view} />
        </div>
      </div>
    </>
  );
}

function tallyOf({ deliveries }: EventView): Partial<Record<DeliveryState, number>> {
  const tally: Partial<Record<DeliveryState, number>> = {};
  for (const { state, replayed_as: replayedAs } of deliveries) {
    if (replayedAs === null) tally[state] = (tally[state] ?? 0) + 1;
  }
  return tally;
}

/** A sender's id that is a number could be taken for a delivery's. */
function idsOf({ event, deliveries }: EventView): readonly string[] {
  if (!/^\d+$/.test(event.id)) return [event.id];
  return deliveries.map(({ delivery }) => String(delivery));
}
