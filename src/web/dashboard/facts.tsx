import type { ReactNode } from 'react';
import type { EventView } from '../../history/views.ts';
import { Copy, Panel } from './parts.tsx';
import { Instant } from './when.tsx';
import { bytes, seen } from './words.ts';

/** What is known of how it came in. */
export function Facts({ view: { event, received } }: { readonly view: EventView }): ReactNode {
  const { verified, signed_at: signedAt, dedupe } = received;
  return (
    <Panel title="Received">
      <dl className="facts">
        <Fact name="Event">
          <code>{seen(event.id)}</code> <Copy text={event.id} />
        </Fact>
        <Fact name="Number">{event.number}</Fact>
        <Fact name="Source">{event.source}</Fact>
        <Fact name="Topic">{event.topic === '' ? 'none' : <code>{seen(event.topic)}</code>}</Fact>
        <Fact name="Subject">
          {event.subject === null ? 'none: it belongs to no card' : <code>{seen(event.subject)}</code>}
        </Fact>
        <Fact name="Received">
          <Instant at={event.received_at} />
        </Fact>
        {event.occurred_at !== null && (
          <Fact name="Occurred">
            <Instant at={event.occurred_at} />
          </Fact>
        )}
        <Fact name="Size">{bytes(received.bytes)}</Fact>
        <Fact name="Signature">
          {verified === null
            ? 'not kept for this event'
            : `${verified.scheme}, good by secret ${verified.secret} of ${verified.of}`}
        </Fact>
        {signedAt !== null && (
          <Fact name="Signed">
            <Instant at={signedAt} />
          </Fact>
        )}
        <Fact name="Duplicates">{dedupe === null ? 'not kept for this event' : <Dedupe dedupe={dedupe} />}</Fact>
        {received.conflicts !== null && (
          <Fact name="Conflicts">
            came again with another body, {times(received.conflicts.count)}, last at{' '}
            <Instant at={received.conflicts.last_at} />: the first one counts
          </Fact>
        )}
        {received.request_id !== null && (
          <Fact name="Request">
            <code>{seen(received.request_id)}</code>
          </Fact>
        )}
        {received.traceparent !== null && (
          <Fact name="Trace">
            <code>{seen(received.traceparent)}</code>
          </Fact>
        )}
      </dl>
    </Panel>
  );
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Dedupe({
  dedupe: { key, keep_until: until },
}: {
  readonly dedupe: { readonly key: string; readonly keep_until: string };
}) {
  return (
    <>
      known by <code>{seen(key)}</code> until <Instant at={until} />
    </>
  );
}
