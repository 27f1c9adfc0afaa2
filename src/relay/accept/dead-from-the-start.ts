/** What an event does not make, because its route asks for too much: logged, counted and reported like any dead delivery. */
import type { PlannedDelivery } from '../../core/delivery.ts';
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
  return ({ lane, route, target: { verb }, dead }, { seq, eventSeq, event, acceptedAt }) => {
    const { source, topic, subject } = event;
    const { code, detail } = dead ?? { code: null, detail: null };
    log.warn({ delivery: seq, source, event: event.id, lane, route, verb, outcome: 'dead', code, detail }, 'delivery');
    const of = { delivery: seq, eventSeq, source, topic, subject, acceptedAt, deliveries: 1 };
    telemetry.attempt({ ...of, at: acceptedAt, ms: 0, state: 'dead', code, verb, lane, route });
    onListed();
  };
}
