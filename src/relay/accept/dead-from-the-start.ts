/** What an event does not make, because its route asks for too much: logged, counted and reported like any dead delivery. */
import { destinationOf, type PlannedDelivery } from '../../core/delivery.ts';
import { eventTitle } from '../../core/event-title.ts';
import type { Logger } from '../../core/log.ts';
import type { Telemetry } from '../../core/telemetry.ts';
import type { QueuedDelivery } from '../../journal/contract.ts';

export type OnDead = (
  delivery: PlannedDelivery,
  stored: Pick<QueuedDelivery, 'seq' | 'eventSeq' | 'event' | 'acceptedAt'>,
) => void;

export interface OnDeadParts {
  readonly log: Pick<Logger, 'warn'>;
  readonly telemetry: Pick<Telemetry, 'attempt'>;
  readonly onListed: () => void;
}

export function createOnDead({ log, telemetry, onListed }: OnDeadParts): OnDead {
  return ({ lane, route, target, dead }, { seq, eventSeq, event, acceptedAt }) => {
    const { source, topic, subject } = event;
    const { verb } = target;
    const { code, detail } = dead ?? { code: null, detail: null };
    log.warn({ delivery: seq, source, event: event.id, lane, route, verb, outcome: 'dead', code, detail }, 'delivery');
    const about = { delivery: seq, eventSeq, source, topic, subject, title: eventTitle(event) };
    const of = { ...about, acceptedAt, deliveries: 1, verb, lane, destination: destinationOf(target), route };
    telemetry.attempt({ ...of, at: acceptedAt, ms: 0, state: 'dead', code });
    onListed();
  };
}
