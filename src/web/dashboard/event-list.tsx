import { type ReactNode, useRef } from 'react';
import type { EventRow } from '../../history/views.ts';
import { StateChips } from './chips.tsx';
import { EventLink } from './event-title.tsx';
import { useKeys } from './keys.ts';
import { When } from './when.tsx';

/** A page of events; j and k go through it, Enter opens, since each row's link has the focus. */
export function EventList({ events }: { readonly events: readonly EventRow[] }): ReactNode {
  const list = useRef<HTMLTableSectionElement>(null);
  useKeys((key) => (key === 'j' || key === 'k') && step(list.current, key === 'j' ? 1 : -1));
  return (
    <table className="rows">
      <caption className="only-read">Events, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Received</th>
          <th scope="col">Event</th>
          <th scope="col">Source</th>
          <th scope="col">Deliveries</th>
        </tr>
      </thead>
      <tbody ref={list}>
        {events.map((event) => (
          <Row key={event.number} event={event} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ event }: { readonly event: EventRow }) {
  const { source, received_at, states } = event;
  return (
    <tr className="row">
      <td className="row-time">
        <When at={received_at} />
      </td>
      <td className="row-event">
        <EventLink className="row-link" event={event} />
      </td>
      <td className="row-source">{source}</td>
      <td className="row-states">
        <StateChips states={states} />
      </td>
    </tr>
  );
}

function step(list: HTMLElement | null, by: 1 | -1): boolean {
  const links = [...(list?.querySelectorAll<HTMLElement>('.row-link') ?? [])];
  const at = links.findIndex((link) => link.matches(':focus'));
  const next = at === -1 ? links.at(0) : links[at + by];
  next?.focus();
  next?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  return next !== undefined;
}
