import type { ReactNode } from 'react';
import { topicWords } from '../../core/event-title.ts';
import { linkTo } from './place.ts';
import { seen } from './words.ts';

interface TitledEvent {
  readonly title: string | null;
  readonly topic: string;
}

/** `Cold room 2 is above 8 °C · status updated`: what it is about, and what happened. */
export function titleText({ title, topic }: TitledEvent): string {
  return seen(title === null ? topicWords(topic) : `${title} · ${topicWords(topic)}`);
}

/** The same on a page: a title in a script that runs from right to left keeps to itself. */
export function EventTitle({ event: { title, topic } }: { readonly event: TitledEvent }): ReactNode {
  return (
    <>
      {title !== null && (
        <>
          <bdi>{seen(title)}</bdi> ·{' '}
        </>
      )}
      <span className={title === null ? undefined : 'what'}>{seen(topicWords(topic))}</span>
    </>
  );
}

interface LinkProps {
  readonly event: TitledEvent & { readonly number: number; readonly id: string; readonly subject: string | null };
  readonly className?: string;
}

/** A link to the event's page, with what it belongs to beside it, small. */
export function EventLink({ event, className }: LinkProps): ReactNode {
  const { number, id, subject } = event;
  return (
    <>
      <a className={className} href={linkTo(`events/${number}`)}>
        <EventTitle event={event} />
      </a>{' '}
      <bdi className="row-id">{seen(subject ?? id)}</bdi>
    </>
  );
}
