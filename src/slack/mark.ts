/** What our messages carry in their metadata, so that they are recognised later. */
import { objectAt, textAt } from './response-fields.ts';

const EVENT_TYPE = 'alo_relay_delivery';

/** The metadata of a message, as JSON. `deliveries`: the ids of those that it brings together. */
export function markOf(deliveryId: string, deliveries?: readonly string[]): string {
  const shared = deliveries === undefined ? {} : { deliveries: deliveries.join(' ') };
  return JSON.stringify({ event_type: EVENT_TYPE, event_payload: { delivery_id: deliveryId, ...shared } });
}

/** The ids that a message bears, as Slack gives it back; null where it is none of ours. */
export function idsIn(message: object): { readonly own: string; readonly shared: readonly string[] } | null {
  const metadata = objectAt(message, 'metadata');
  const payload = objectAt(metadata, 'event_payload');
  const own = textAt(payload, 'delivery_id');
  if (own === undefined || textAt(metadata, 'event_type') !== EVENT_TYPE) return null;
  return { own, shared: textAt(payload, 'deliveries')?.split(' ') ?? [] };
}
