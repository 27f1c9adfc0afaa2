/** What our messages carry in their metadata, so that they are recognised later. */
import type { Search } from './gateway.ts';
import { objectAt, textAt } from './response-fields.ts';

type Sought = Pick<Search, 'deliveryId' | 'neededBy'>;

const EVENT_TYPE = 'alo_relay_delivery';

/** The metadata of a message, as JSON. `deliveries`: the ids of those that it brings together. */
export function markOf(deliveryId: string, deliveries?: readonly string[]): string {
  const shared = deliveries === undefined ? {} : { deliveries: deliveries.join(' ') };
  return JSON.stringify({ event_type: EVENT_TYPE, event_payload: { delivery_id: deliveryId, ...shared } });
}

/** Whether a message, as Slack gives it back, has this id, or brings the delivery together with others. */
export function bears(message: object, { deliveryId, neededBy = deliveryId }: Sought): 'own' | 'shared' | null {
  const metadata = objectAt(message, 'metadata');
  if (textAt(metadata, 'event_type') !== EVENT_TYPE) return null;
  const payload = objectAt(metadata, 'event_payload');
  if (textAt(payload, 'delivery_id') === deliveryId) return 'own';
  return textAt(payload, 'deliveries')?.split(' ').includes(neededBy) === true ? 'shared' : null;
}
